import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guardedUpload, type Upload } from './guarded-upload.ts';

const seen: { bytes: number; isWhole: boolean }[] = [];
let ended: () => void = () => undefined;
let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    const one = { bytes: 0, isWhole: false };
    seen.push(one);
    if (request.url === '/full') {
      response.writeHead(413).end();
      return;
    }
    request.on('data', (chunk: Buffer) => (one.bytes += chunk.length));
    request.on('error', () => undefined);
    request.on('close', () => {
      one.isWhole = request.complete;
      ended();
    });
    request.on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const chunk = Buffer.alloc(65_536, 'x');
async function* chunks(count: number, breaksAt = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index++) {
    if (index === breaksAt) throw new Error('The rows broke off.');
    yield chunk;
  }
}
const upload = (more: Partial<Upload>, allow: string[] = ['127.0.0.1']) =>
  guardedUpload(
    { url, headers: {}, body: chunks(40), silenceMs: 5_000, signal: new AbortController().signal, ...more },
    { allow },
  );

test('a body goes in chunks, as a whole', async () => {
  const told = new Promise<void>((resolve) => (ended = resolve));
  expect(await upload({})).toEqual({ status: 200, retryAfterMs: null });
  await told;
  expect(seen.at(-1)).toEqual({ bytes: 40 * chunk.length, isWhole: true });
});

test('a body that breaks off is told as such, and never looks whole to the receiver', async () => {
  const told = new Promise<void>((resolve) => (ended = resolve));
  await expect(upload({ body: chunks(40, 30) })).rejects.toThrow('The rows broke off.');
  await told;
  expect(seen.at(-1)?.isWhole).toBe(false);
});

test('a receiver that refuses early is heard, and the rest is not read', async () => {
  let read = 0;
  const endless = async function* (): AsyncGenerator<Buffer> {
    for (; read < 100_000; read++) yield chunk;
  };
  expect(await upload({ url: `${url}/full`, body: endless() })).toMatchObject({ status: 413 });
  expect(read).toBeLessThan(100_000);
});

test('a private address is refused before anything is sent, and nobody there is told as unreachable', async () => {
  const before = seen.length;
  await expect(upload({}, [])).rejects.toMatchObject({ code: 'http.address_refused' });
  expect(seen).toHaveLength(before);
  await expect(upload({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'http.unreachable' });
});
