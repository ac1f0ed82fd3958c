import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What befalls one call. */
export type Fault =
  /** It is answered in place of the server. */
  | { readonly answer: number; readonly retryAfter?: number }
  /** The server does it, and its answer is lost. */
  | { readonly lose: true }
  /** The answer's body breaks off after so many bytes. */
  | { readonly cutAfter: number }
  /** A byte of the answer's body is another. */
  | { readonly spoil: true };
export interface FaultyProxy {
  readonly origin: string;
  /** Calls that came, as `GET /api/v1/…`, with the headers they had. */
  readonly calls: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
  /** The next call whose line holds the word meets this. */
  befall(word: string, fault: Fault): void;
  close(): Promise<void>;
}

/** Stands between a client and the API, and breaks what it is told to, once each. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port, host } = new URL(target);
  const faults: { word: string; fault: Fault }[] = [];
  const calls: FaultyProxy['calls'] = [];
  const passOn = (fault: Fault | undefined, asked: IncomingMessage, reply: ServerResponse): void => {
    // Packed bytes could not be spoiled without breaking the packing.
    const headers = { ...asked.headers, host, 'accept-encoding': 'identity' };
    const onward = request(
      { hostname, port, path: asked.url, method: asked.method, headers, agent: false },
      (answer) => {
        if (fault && 'lose' in fault) {
          answer.resume();
          answer.once('end', () => reply.destroy());
          return;
        }
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        let passed = 0;
        answer.on('data', (bytes: Buffer) => {
          if (fault && 'cutAfter' in fault && passed + bytes.length > fault.cutAfter) {
            // A moment later: a client throws away what it had not read yet when it hears of the break.
            reply.write(bytes.subarray(0, fault.cutAfter - passed), () => setTimeout(() => reply.destroy(), 300));
            answer.destroy();
            return;
          }
          if (fault && 'spoil' in fault && passed === 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
          passed += bytes.length;
          reply.write(bytes);
        });
        answer.once('end', () => reply.end());
        answer.once('error', () => reply.destroy());
      },
    );
    onward.once('error', () => reply.destroy());
    reply.once('close', () => onward.destroy());
    asked.pipe(onward);
  };
  const server = createServer((asked, reply) => {
    const line = `${asked.method} ${asked.url}`;
    calls.push({ line, headers: asked.headers });
    const at = faults.findIndex(({ word }) => line.includes(word));
    const fault = at === -1 ? undefined : faults.splice(at, 1)[0]?.fault;
    if (!fault || !('answer' in fault)) return passOn(fault, asked, reply);
    asked.resume();
    reply.writeHead(fault.answer, fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) });
    reply.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The proxy has no TCP address.');
  return {
    origin: `http://127.0.0.1:${bound.port}`,
    calls,
    befall: (word, fault) => void faults.push({ word, fault }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
