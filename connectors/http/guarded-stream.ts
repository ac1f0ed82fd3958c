import { type Agent, request } from 'undici';
import { egressRule } from './address-guard.ts';
import {
  flatHeaders,
  type GuardOptions,
  permittedAddresses,
  pinnedAgent,
  readRetryAfter,
  readUrl,
  reasonOf,
  untilAborted,
} from './guarded-request.ts';
import { HttpFailure } from './http-failure.ts';

export interface StreamRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For name, connection and headers together. */
  readonly timeoutMs: number;
  /** The longest silence within the body. */
  readonly silenceMs: number;
  readonly signal?: AbortSignal | undefined;
}
export interface StreamedAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  /** To be read once, chunk by chunk; nothing is kept. Ends with an HttpFailure where the connection breaks off. */
  readonly body: AsyncIterable<Buffer>;
  readonly retryAfterMs: number | null;
  /** Ends the connection, also in the middle of the body. */
  close(): void;
}

/**
 * Opens one GET whose body is too large to be kept, under the same guard as `guardedRequest`. Redirects are not followed.
 * Call `close` in any case.
 * @throws HttpFailure where no answer came
 */
export async function guardedStream(outgoing: StreamRequest, guard: GuardOptions): Promise<StreamedAnswer> {
  const url = readUrl(outgoing.url);
  const ended = new AbortController();
  const timeout = AbortSignal.timeout(outgoing.timeoutMs);
  const signal = AbortSignal.any([ended.signal, ...(outgoing.signal ? [outgoing.signal] : [])]);
  const opening = AbortSignal.any([signal, timeout]);
  let agent: Agent | undefined;
  const close = (): void => {
    ended.abort();
    void agent?.destroy().catch(() => {});
  };
  const failed = (error: unknown): never => {
    close();
    if (error instanceof HttpFailure) throw error;
    outgoing.signal?.throwIfAborted();
    if (timeout.aborted)
      throw new HttpFailure('http.timed_out', `${url.host} did not answer within ${outgoing.timeoutMs} ms.`, error);
    throw new HttpFailure('http.unreachable', `${url.host} cannot be reached: ${reasonOf(error)}.`, error);
  };
  try {
    const addresses = await untilAborted(permittedAddresses(url, egressRule(guard.allow), guard), opening);
    const { timeoutMs, silenceMs } = outgoing;
    agent = pinnedAgent(addresses, { timeoutMs, headersTimeout: timeoutMs, bodyTimeout: silenceMs });
    const answer = await untilAborted(
      request(url, {
        dispatcher: agent,
        method: 'GET',
        headers: { 'user-agent': 'Windlass', accept: '*/*', ...outgoing.headers },
        signal,
      }),
      opening,
    );
    const headers = flatHeaders(answer.headers);
    return {
      status: answer.statusCode,
      headers,
      body: told(answer.body, url.host, outgoing.signal),
      retryAfterMs: readRetryAfter(headers['retry-after']),
      close,
    };
  } catch (error) {
    return failed(error);
  }
}

async function* told(
  body: AsyncIterable<Buffer>,
  host: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    signal?.throwIfAborted();
    throw new HttpFailure(
      'http.unreachable',
      `${host} broke off in the middle of its answer: ${reasonOf(error)}.`,
      error,
    );
  }
}
