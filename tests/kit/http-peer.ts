import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PeerRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  trailers: NodeJS.Dict<string>;
}
export interface PeerAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** An HTTP server on loopback that notes what it is asked, and answers as a test says. */
export async function httpPeer() {
  const requests: PeerRequest[] = [];
  const peer = { answer: (_request: PeerRequest): PeerAnswer | null => ({ body: 'fine' }) };
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body,
        trailers: request.trailers,
      };
      requests.push(seen);
      const answer = peer.answer(seen);
      if (answer) response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    /** Null leaves the caller waiting. */
    answerWith: (answer: (request: PeerRequest) => PeerAnswer | null) => void (peer.answer = answer),
    /** Ends every connection, also of those who wait for an answer. */
    hangUp: () => server.closeAllConnections(),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
export type HttpPeer = Awaited<ReturnType<typeof httpPeer>>;
