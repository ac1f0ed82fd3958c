import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Resolve, guardedRequest, readRetryAfter } from './guarded-request.ts';

let server: Server;
let port: number;
let hits: { url: string; method: string; host: string; headers: IncomingMessage['headers']; body: string }[] = [];
let respond: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      hits.push({
        url: request.url ?? '',
        method: request.method ?? '',
        host: request.headers.host ?? '',
        headers: request.headers,
        body,
      });
      respond(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const fine = (_request: IncomingMessage, response: ServerResponse): void => void response.end('fine');
const names =
  (table: Record<string, string[]>): Resolve =>
  (host) =>
    Promise.resolve((table[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const get = (
  url: string,
  more: Partial<Parameters<typeof guardedRequest>[0]> = {},
  guard: Partial<Parameters<typeof guardedRequest>[1]> = {},
) => {
  hits = [];
  return guardedRequest({ method: 'GET', url, timeoutMs: 5_000, ...more }, { allow: [], ...guard });
};
const refused = { code: 'http.address_refused' };

test('every way of writing a loopback address is refused before any connection', async () => {
  respond = fine;
  const forms = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '0',
    '0.0.0.0',
    '１２７.0.0.1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '127.0.0.1.',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '[fd00::1]',
    '[fe80::1]',
  ];
  for (const form of forms) await expect(get(`http://${form}:${port}/`), form).rejects.toMatchObject(refused);
  expect(hits).toEqual([]);
});

test('user names in an address are refused, whichever part is the real host', async () => {
  respond = fine;
  for (const url of [
    `http://example.com@127.0.0.1:${port}/`,
    `http://u:p@example.com/`,
    `http://127.0.0.1:${port}@example.com/`,
  ]) {
    await expect(
      get(url, {}, { resolve: names({ 'example.com': ['93.184.216.34'] }), allow: ['127.0.0.1'] }),
      url,
    ).rejects.toMatchObject(refused);
  }
  expect(hits).toEqual([]);
});

test('other schemes are no addresses', async () => {
  for (const url of ['file:///etc/passwd', 'ftp://example.com/', 'gopher://127.0.0.1/', 'nothing', 'javascript:1']) {
    await expect(get(url), url).rejects.toMatchObject({ code: 'http.url_invalid' });
  }
});

test('a name that resolves to a private address is refused, also localhost itself', async () => {
  respond = fine;
  const resolve = names({
    'rebind.example': ['127.0.0.1'],
    'v6.example': ['::1'],
    'mapped.example': ['::ffff:127.0.0.1'],
    'meta.example': ['169.254.169.254'],
  });
  for (const host of ['rebind.example', 'v6.example', 'mapped.example', 'meta.example']) {
    await expect(get(`http://${host}:${port}/`, {}, { resolve }), host).rejects.toMatchObject(refused);
  }
  await expect(get(`http://localhost:${port}/`)).rejects.toMatchObject(refused);
  expect(hits).toEqual([]);
});

test('a name is resolved once, and the connection goes to the address that was judged', async () => {
  respond = fine;
  let asked = 0;
  // The second answer would lead elsewhere: nobody may ask for it.
  const resolve: Resolve = () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '10.9.9.9', family: 4 }]);
  const answer = await get(`http://flips.example:${port}/x`, {}, { resolve, allow: ['127.0.0.0/8'] });
  expect(answer.body.toString()).toBe('fine');
  expect(asked).toBe(1);
  expect(hits).toMatchObject([{ url: '/x', host: `flips.example:${port}` }]);
});

test('of several addresses only the permitted ones are connected to', async () => {
  respond = fine;
  const resolve = names({ 'both.example': ['10.0.0.1', '127.0.0.1'] });
  const answer = await get(`http://both.example:${port}/`, {}, { resolve, allow: ['127.0.0.1'] });
  expect(answer.status).toBe(200);
});

test('a workspace may allow a host or a network', async () => {
  respond = fine;
  expect((await get(`http://127.0.0.1:${port}/`, {}, { allow: ['127.0.0.1'] })).status).toBe(200);
  expect((await get(`http://2130706433:${port}/`, {}, { allow: ['127.0.0.0/8'] })).status).toBe(200);
  expect(
    (
      await get(
        `http://inner.example:${port}/`,
        {},
        { allow: ['inner.example'], resolve: names({ 'inner.example': ['127.0.0.1'] }) },
      )
    ).status,
  ).toBe(200);
});

test('ports of our own servers stay closed on what a workspace allows', async () => {
  respond = fine;
  await expect(
    get(`http://127.0.0.1:${port}/`, {}, { allow: ['127.0.0.0/8'], isOwnPort: (_address, own) => own === port }),
  ).rejects.toMatchObject(refused);
  expect(hits).toEqual([]);
});

test('a redirect is judged like the first address', async () => {
  const targets = ['http://10.0.0.1/', 'http://[::1]/', 'http://2130706434/', 'http://secret.example/', '//0x7f.2/'];
  for (const location of targets) {
    respond = (_request, response) => void response.writeHead(302, { location }).end();
    const allow = ['127.0.0.1'];
    await expect(
      get(
        `http://127.0.0.1:${port}/`,
        { followRedirects: true },
        { allow, resolve: names({ 'secret.example': ['192.168.0.1'] }) },
      ),
      location,
    ).rejects.toMatchObject(refused);
    expect(hits).toHaveLength(1);
  }
  respond = (_request, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end();
  await expect(
    get(`http://127.0.0.1:${port}/`, { followRedirects: true }, { allow: ['127.0.0.1'] }),
  ).rejects.toMatchObject({ code: 'http.url_invalid' });
});

test('without followRedirects the redirect itself is the answer', async () => {
  respond = (_request, response) => void response.writeHead(302, { location: '/next' }).end('moved');
  const answer = await get(`http://127.0.0.1:${port}/`, {}, { allow: ['127.0.0.1'] });
  expect(answer).toMatchObject({ status: 302, headers: { location: '/next' } });
});

test('a redirect to another origin loses credentials, and a POST becomes a GET', async () => {
  respond = (request, response) =>
    request.url === '/a'
      ? void response.writeHead(302, { location: `http://other.example:${port}/b` }).end()
      : void response.end('there');
  const answer = await get(
    `http://one.example:${port}/a`,
    {
      method: 'POST',
      body: '{"x":1}',
      headers: { Authorization: 'Bearer t', 'X-Keep': 'k', 'Content-Type': 'application/json' },
      followRedirects: true,
    },
    { allow: ['127.0.0.1'], resolve: names({ 'one.example': ['127.0.0.1'], 'other.example': ['127.0.0.1'] }) },
  );
  expect(answer.body.toString()).toBe('there');
  expect(hits[0]).toMatchObject({ method: 'POST', body: '{"x":1}', headers: { authorization: 'Bearer t' } });
  expect(hits[1]).toMatchObject({ method: 'GET', body: '', headers: { 'x-keep': 'k' } });
  expect(hits[1]?.headers).not.toHaveProperty('authorization');
  expect(hits[1]?.headers).not.toHaveProperty('content-type');
});

test('a ring of redirects ends', async () => {
  respond = (_request, response) => void response.writeHead(302, { location: '/again' }).end();
  await expect(
    get(`http://127.0.0.1:${port}/`, { followRedirects: true }, { allow: ['127.0.0.1'] }),
  ).rejects.toMatchObject({ code: 'http.unreachable' });
  expect(hits).toHaveLength(6);
});

test('a body is kept up to its cap and its whole length told', async () => {
  respond = (_request, response) => {
    response.write('a'.repeat(70_000));
    response.end('b'.repeat(70_000));
  };
  const answer = await get(`http://127.0.0.1:${port}/`, { keepBytes: 100_000 }, { allow: ['127.0.0.1'] });
  expect(answer).toMatchObject({ bytes: 140_000, truncated: true });
  expect(answer.body.length).toBe(100_000);
  expect(answer.body.toString().slice(-30_000)).toBe('b'.repeat(30_000));
});

test('a server that does not answer is left at the time limit, one that is not there at once', async () => {
  respond = () => {};
  await expect(get(`http://127.0.0.1:${port}/`, { timeoutMs: 150 }, { allow: ['127.0.0.1'] })).rejects.toMatchObject({
    code: 'http.timed_out',
  });
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const gonePort = (gone.address() as AddressInfo).port;
  await new Promise((resolve) => gone.close(resolve));
  await expect(get(`http://127.0.0.1:${gonePort}/`, {}, { allow: ['127.0.0.1'] })).rejects.toMatchObject({
    code: 'http.unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await expect(
    get('http://nowhere.example/', {}, { resolve: () => Promise.reject(new Error('ENOTFOUND')) }),
  ).rejects.toMatchObject({ code: 'http.unreachable' });
  await expect(
    get('http://slow.example/', { timeoutMs: 100 }, { resolve: () => new Promise(() => {}) }),
  ).rejects.toMatchObject({ code: 'http.timed_out' });
});

test('the caller’s own signal ends it as that signal says', async () => {
  respond = () => {};
  const controller = new AbortController();
  const call = get(`http://127.0.0.1:${port}/`, { signal: controller.signal }, { allow: ['127.0.0.1'] });
  controller.abort(new Error('called off'));
  await expect(call).rejects.toThrow('called off');
});

test('Retry-After is read as seconds or as a date', () => {
  expect(readRetryAfter('7')).toBe(7_000);
  expect(readRetryAfter('Sat, 21 Nov 2026 06:00:10 GMT', Date.parse('2026-11-21T06:00:00Z'))).toBe(10_000);
  expect(readRetryAfter('Sat, 21 Nov 2020 06:00:10 GMT', Date.parse('2026-11-21T06:00:00Z'))).toBe(0);
  expect(readRetryAfter('soon')).toBeNull();
  expect(readRetryAfter(undefined)).toBeNull();
});
