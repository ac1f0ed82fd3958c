import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, json, send } from './exchange.ts';
import { Fault } from './scenario.ts';
import type { World } from './world.ts';

/** The fault that this request meets, if any: its own, by the header `x-simulator-fault` (JSON), or one that waits. */
export function faultOf(world: World, request: IncomingMessage, path: string): Fault | undefined {
  const header = request.headers['x-simulator-fault'];
  if (typeof header === 'string') {
    const parsed = Fault.safeParse({ match: '/', ...(JSON.parse(header) as object) });
    if (parsed.success) return parsed.data;
  }
  const line = `${request.method ?? ''} ${path}`;
  const at = world.faults.findIndex(({ match }) => line.includes(match));
  const fault = world.faults[at];
  if (!fault) return undefined;
  if (fault.skip > 0) {
    fault.skip--;
    return undefined;
  }
  if (--fault.left <= 0) world.faults.splice(at, 1);
  return fault;
}

const usualBody = (status: number, path: string): unknown =>
  path.startsWith('/auth/')
    ? { error: 'ServerError', error_description: 'Simulated.' }
    : { code: String(status), details: 'Simulated failure.' };

/** What a fault answers instead; null where the request is carried out all the same. */
export function instead(fault: Fault, path: string): Answer | null {
  if (fault.kind === 'garbage')
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Service page</body></html>' };
  if (fault.kind !== 'status') return null;
  const headers: Record<string, string> =
    fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
  if (fault.body !== undefined) return { status: fault.status, headers, body: fault.body };
  return json(usualBody(fault.status, path), fault.status, headers);
}

/** Sends an answer as a fault spoils it. */
export function spoil(fault: Fault, answer: Answer, response: ServerResponse): void {
  if (fault.kind === 'lost') return void response.destroy();
  if (fault.kind === 'cut') {
    const body = Buffer.from(answer.body ?? '');
    response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => setTimeout(() => response.destroy(), 5));
    return;
  }
  if (fault.kind === 'huge') {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.from(`{"code":"${'x'.repeat(65_000)}"`);
    const go = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', go);
    };
    go();
    return;
  }
  send(response, answer);
}
