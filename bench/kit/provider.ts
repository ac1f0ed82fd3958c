import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** From and to, milliseconds since 1970. */
export type Span = readonly [from: number, to: number];

const now = (): number => performance.timeOrigin + performance.now();

/** One answer that a simulator of this process gave. */
export interface Answered {
  readonly path: string;
  readonly span: Span;
  readonly status: number;
}

/**
 * Writes down when a simulator on this port, in this very process, was at work on an answer: from the whole head of a
 * request to the last byte of its answer.
 */
export function watchProvider(port: number): { answers: Answered[]; stop: () => void } {
  const answers: Answered[] = [];
  const begun = new WeakMap<IncomingMessage, number>();
  const isOurs = ({ socket }: IncomingMessage): boolean => socket.localPort === port;
  const onStart = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    if (isOurs(request)) begun.set(request, now());
  };
  const onFinish = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: { statusCode: number } };
    const from = begun.get(request);
    if (from !== undefined)
      answers.push({ path: `${request.method} ${request.url}`, span: [from, now()], status: response.statusCode });
  };
  subscribe('http.server.request.start', onStart);
  subscribe('http.server.response.finish', onFinish);
  return {
    answers,
    stop: () => {
      unsubscribe('http.server.request.start', onStart);
      unsubscribe('http.server.response.finish', onFinish);
    },
  };
}

/** How much of a time is covered by spans, each moment counted once. */
export function covered([from, to]: Span, spans: readonly Span[]): number {
  let sum = 0;
  let upTo = from;
  for (const [begin, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const cut = Math.min(end, to);
    if (cut <= upTo) continue;
    sum += cut - Math.max(begin, upTo, from);
    upTo = Math.max(upTo, cut);
  }
  return sum;
}
