import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { freePort, isPortFree } from '#system/embedded/processes.ts';
import type { Keep } from './keep.ts';

export interface Sink {
  readonly url: string;
  /** For the workspace's list of allowed hosts. */
  readonly host: string;
  close(): void;
}

type Answer = readonly [status: number, body?: unknown];

/**
 * The web services that the sample playbooks call: a certificate authority, a directory of people, accounts of three services
 * (the wiki is down), a store for evidence, and the end of every notification channel. What arrives is kept in `received.ndjson`.
 */
export async function startSink({ folder, kept, save }: Keep): Promise<Sink> {
  const host = process.platform === 'linux' ? '127.0.42.1' : '127.0.0.1';
  kept.sinkPort = kept.sinkPort && (await isPortFree(kept.sinkPort, host)) ? kept.sinkPort : await freePort();
  save();
  const port = kept.sinkPort;
  const server = createServer((request, response) => void serve(join(folder, 'received.ndjson'), request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, () => resolve()));
  return { url: `http://${host}:${port}`, host, close: () => server.close() };
}

async function serve(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body = (body + chunk).slice(0, 100_000)));
  await new Promise((resolve) => request.once('close', resolve).once('end', resolve));
  const { pathname } = new URL(request.url ?? '/', 'http://sink');
  const at = new Date().toISOString();
  appendFileSync(file, `${JSON.stringify({ at, method: request.method, path: pathname, body })}\n`, { mode: 0o600 });
  const [status, answer] = answerTo(request.method ?? 'GET', pathname);
  response.statusCode = status;
  if (answer === undefined) response.end();
  else if (typeof answer === 'string') response.setHeader('content-type', 'application/x-pem-file').end(answer);
  else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
}

const certificate = `-----BEGIN CERTIFICATE-----
c2FtcGxlIGNlcnRpZmljYXRlIG9mIHRoZSBkZW1vLCBnb29kIGZvciBub3RoaW5nIGVsc2U=
-----END CERTIFICATE-----
`;

function answerTo(method: string, path: string): Answer {
  const key = `${method} ${path}`;
  if (key === 'POST /v1/certificates') return [201, certificate];
  if (key.startsWith('DELETE /v1/certificates/')) return [204];
  if (key === 'GET /directory/users') return [200, { users: [{ id: 'u7', active: true }] }];
  if (key.startsWith('PATCH /directory/users/')) return [200, { id: 'u7', active: false }];
  if (key.startsWith('DELETE /gateway/wiki/')) return [503, { error: 'The wiki is being moved.' }];
  if (key.startsWith('DELETE /gateway/')) return [204];
  if (key.startsWith('POST /evidence/')) return [201, { ref: `EV-${path.split('/').at(-1) ?? ''}` }];
  if (key.startsWith('POST /channels/')) return [204];
  return [404, { error: 'There is nothing here.' }];
}
