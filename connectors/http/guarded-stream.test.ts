import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { guardedStream, type StreamRequest } from './guarded-stream.ts';

let respond: (response: ServerResponse) => void = () => {};
const closed: Promise<void>[] = [];
const server = createServer((_, response) => {
  closed.push(new Promise((resolve) => response.once('close', resolve)));
  respond(response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file?secret=1`;
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const open = (more: Partial<StreamRequest> = {}, allow = ['127.0.0.1']) =>
  guardedStream({ url, timeoutMs: 5_000, silenceMs: 5_000, ...more }, { allow });
const failing = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const drain = async (body: AsyncIterable<Buffer>) => {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
};

test('status, headers and the body as it comes; a redirect is an answer like others', async () => {
  respond = (response) =>
    response.writeHead(302, { location: 'http://127.0.0.1:1/', 'X-A': 'b', 'retry-after': '2' }).end('hello');
  const answer = await open();
  expect([answer.status, answer.headers['x-a'], answer.retryAfterMs, await drain(answer.body)]).toEqual([
    302,
    'b',
    2_000,
    5,
  ]);
  answer.close();
});

test('private addresses are refused before anything is sent', async () => {
  const before = closed.length;
  expect(await failing(open({}, []))).toMatchObject({ code: 'http.address_refused' });
  expect(await failing(open({ url: 'file:///etc/passwd' }))).toMatchObject({ code: 'http.url_invalid' });
  expect(closed.length).toBe(before);
});

test('one who never answers is timed out, and no query of the address is told', async () => {
  respond = () => {};
  const error = await failing(open({ timeoutMs: 50 }));
  expect(error).toMatchObject({ code: 'http.timed_out' });
  expect(String(error)).not.toContain('secret');
});

test('silence and a break in the body end it as failures, not as an end', async () => {
  respond = (response) => void response.write('a');
  expect(await failing(open({ silenceMs: 50 }).then(({ body }) => drain(body)))).toMatchObject({
    code: 'http.unreachable',
  });
  respond = (response) =>
    response.writeHead(200, { 'content-length': 10 }).write('abc', () => setImmediate(() => response.destroy()));
  expect(await failing(open().then(({ body }) => drain(body)))).toMatchObject({ code: 'http.unreachable' });
});

test('closing it, or the signal, ends the connection at once', async () => {
  respond = (response) => void response.write('a');
  (await open()).close();
  await closed.at(-1);
  const stop = new AbortController();
  const answer = await open({ signal: stop.signal });
  const read = failing(drain(answer.body));
  stop.abort(new Error('enough'));
  expect(await read).toMatchObject({ message: 'enough' });
  await closed.at(-1);
});
