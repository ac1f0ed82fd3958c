import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GuardOptions, type OutgoingRequest, type Resolve, guardedRequest } from './guarded-request.ts';
import { KeptConnections } from './kept-connections.ts';

let server: Server;
let port: number;
let sockets: Socket[];
/** Which connection each request came over, from 0. */
let came: { on: number; path: string }[];
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let connections: KeptConnections;

beforeEach(async () => {
  [sockets, came] = [[], []];
  respond = (_request, response) => void response.end('fine');
  connections = new KeptConnections({ most: 3 });
  server = createServer((request, response) => {
    came.push({ on: sockets.indexOf(request.socket), path: request.url ?? '' });
    request.resume().on('end', () => respond(request, response));
  });
  server.on('connection', (socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  connections.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = (more: Partial<OutgoingRequest> = {}, guard: Partial<GuardOptions> = {}) =>
  guardedRequest(
    { method: 'GET', url: `http://127.0.0.1:${port}/`, timeoutMs: 5_000, ...more },
    { allow: ['127.0.0.1'], connections, ...guard },
  );
const post = { method: 'POST', body: 'x' } as const;
const leadTo =
  (...addresses: string[]): Resolve =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
const usedBy = (): number[] => came.map(({ on }) => on);
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

test('requests one after another share one connection; without a place to keep it each has its own', async () => {
  for (let i = 0; i < 3; i++) expect((await ask()).body.toString()).toBe('fine');
  expect(usedBy()).toEqual([0, 0, 0]);
  for (let i = 0; i < 2; i++) await ask({}, { connections: undefined });
  expect(usedBy()).toEqual([0, 0, 0, 1, 2]);
});

test('requests at once have a connection each, and no more are kept than may be', async () => {
  const waiting: ServerResponse[] = [];
  respond = (_request, response) => void waiting.push(response);
  const all = Array.from({ length: 5 }, () => ask());
  await until(() => waiting.length === 5);
  expect(new Set(usedBy()).size).toBe(5);
  for (const response of waiting) response.end('fine');
  await Promise.all(all);
  expect(connections.idle).toBe(3);
  await until(() => sockets.filter((socket) => !socket.destroyed).length === 3);
});

test('what must not be sent twice goes over a connection of its own, which is kept for others', async () => {
  await ask();
  await ask(post);
  expect(usedBy()).toEqual([0, 1]);
  await ask({ ...post, isRepeatable: true });
  await ask({ isRepeatable: false });
  expect(usedBy()).toEqual([0, 1, 1, 2]);
});

test('a connection that the service closed while it was idle is not used again', async () => {
  await ask();
  sockets[0]?.destroy();
  await until(() => connections.idle === 0);
  expect((await ask()).status).toBe(200);
  expect(usedBy()).toEqual([0, 1]);
});

test('a request that meets a connection being closed goes once more over a new one; the first one on a new one does not', async () => {
  await ask();
  let cut = 1;
  respond = (request, response) => void (cut-- > 0 ? request.socket.destroy() : response.end('after all'));
  expect((await ask({ ...post, isRepeatable: true })).body.toString()).toBe('after all');
  expect(usedBy()).toEqual([0, 0, 1]);
  connections.close();
  respond = (request) => void request.socket.destroy();
  await expect(ask()).rejects.toMatchObject({ code: 'http.unreachable' });
  await expect(ask(post)).rejects.toMatchObject({ code: 'http.unreachable' });
  expect(came).toHaveLength(5);
});

test('an open connection lets nobody in where the address is refused now', async () => {
  const url = `http://moves.example:${port}/`;
  await ask({ url }, { resolve: leadTo('127.0.0.1') });
  expect(connections.idle).toBe(1);
  const refused = { code: 'http.address_refused' };
  await expect(ask({ url }, { resolve: leadTo('10.0.0.1') })).rejects.toMatchObject(refused);
  await expect(ask({ url }, { resolve: leadTo('127.0.0.1'), allow: [] })).rejects.toMatchObject(refused);
  await expect(ask({ url }, { resolve: leadTo('127.0.0.1'), isOwnPort: () => true })).rejects.toMatchObject(refused);
  expect(came).toHaveLength(1);
  // The name leads elsewhere now, which is permitted: the old connection is not the way there.
  const moved = { resolve: leadTo('127.0.0.2'), allow: ['127.0.0.0/8'] };
  await expect(ask({ url }, moved)).rejects.toMatchObject({ code: 'http.unreachable' });
  expect(came).toHaveLength(1);
  await ask({ url }, { resolve: leadTo('127.0.0.9', '127.0.0.1'), allow: ['127.0.0.0/8'] });
  expect(usedBy()).toEqual([0, 0]);
});

test('another origin at the same address has connections of its own', async () => {
  const resolve = leadTo('127.0.0.1');
  for (const host of ['one.example', 'two.example', 'one.example'])
    await ask({ url: `http://${host}:${port}/` }, { resolve });
  expect(usedBy()).toEqual([0, 1, 0]);
});

test('a redirect is judged anew, also on the connection that is open', async () => {
  respond = (_request, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
  await expect(ask({ followRedirects: true })).rejects.toMatchObject({ code: 'http.address_refused' });
  respond = (request, response) =>
    void (request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('there'));
  expect((await ask({ followRedirects: true })).body.toString()).toBe('there');
  expect(usedBy()).toEqual([0, 0, 0]);
});

test('a connection whose answer was cut, or that did not answer in time, is not kept', async () => {
  respond = (_request, response) => {
    response.writeHead(200, { 'content-length': 1_000_000 });
    response.write('a'.repeat(1_000));
  };
  expect((await ask({ keepBytes: 10 })).truncated).toBe(true);
  expect(connections.idle).toBe(0);
  respond = () => {};
  await expect(ask({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'http.timed_out' });
  expect(connections.idle).toBe(0);
  respond = (_request, response) => void response.writeHead(200, { connection: 'close' }).end('fine');
  await ask();
  expect(connections.idle).toBe(0);
});

test('an idle connection closes by itself', async () => {
  connections = new KeptConnections({ idleMs: 100 });
  // A service that says nothing of its own patience.
  respond = (_request, response) => {
    response.shouldKeepAlive = true;
    response.removeHeader('keep-alive');
    response.writeHead(200, { connection: 'keep-alive', 'content-length': 4 });
    response.end('fine');
  };
  server.keepAliveTimeout = 0;
  await ask();
  expect(connections.idle).toBe(1);
  await until(() => connections.idle === 0);
  await until(() => sockets[0]?.destroyed === true);
});
