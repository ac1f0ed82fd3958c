import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#system/secret.ts';
import { testAuthority, testCertificate, testCertificateKey } from '#tests/kit/fixtures/tls.ts';
import { postgresWorld, type PostgresWorld } from '#tests/kit/postgres-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import type { PostgresAccess, PostgresTarget } from './access.ts';

let world: PostgresWorld;
beforeAll(async () => {
  world = await postgresWorld();
});
afterAll(() => world.close());

const probe = (target: Partial<PostgresTarget>, access: Partial<PostgresAccess> = {}) =>
  world.with({ target, access }).probe();

/** A listener on loopback that does with each connection what the test says. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The real server behind TLS, as many providers have it. Counts the encrypted connections. */
async function tlsFront(): Promise<{ port: number; encrypted: () => number }> {
  let encrypted = 0;
  const port = await listen((near) => {
    near.once('data', () => {
      near.pause();
      near.write('S');
      const secure = new TLSSocket(near, { isServer: true, cert: testCertificate, key: testCertificateKey });
      const far = connect(world.access.target.port, world.access.target.host);
      secure.once('secure', () => encrypted++);
      for (const socket of [secure, far]) socket.on('error', () => [secure, far].forEach((one) => one.destroy()));
      secure.pipe(far).pipe(secure);
    });
  });
  return { port, encrypted: () => encrypted };
}
const named: Partial<PostgresAccess> = {
  guard: { allow: ['127.0.0.1'], resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
};

test('a wrong password, user or database is told as what it is, and the password nowhere', async () => {
  const facts = await failureOf(probe({ password: new Secret('not-the-password') }));
  expect(facts).toMatchObject({ kind: 'auth', code: '28P01', retryable: false });
  expect(JSON.stringify(facts)).not.toContain('not-the-password');
  expect(await failureOf(probe({ user: 'nobody' }))).toMatchObject({ kind: 'auth', code: '28P01' });
  expect(await failureOf(probe({ database: 'nowhere' }))).toMatchObject({ kind: 'auth', code: '3D000' });
});

test('a server that is away, silent or unknown is a failure of the network', async () => {
  const closed = await startTcpProxy({ address: '127.0.0.1', port: 1 });
  await closed.stop();
  expect(await failureOf(probe({ port: closed.port }))).toMatchObject({
    kind: 'network',
    code: 'econnrefused',
    retryable: true,
  });
  const silent = await listen(() => undefined);
  const limit = { connectTimeoutMs: 200 };
  expect((await failureOf(probe({ port: silent }, limit))).kind).toBe('network');
  expect(await failureOf(probe({ port: silent, tls: 'require' }, limit))).toMatchObject({ code: 'connect_timed_out' });
  const noBody = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  const guard = { allow: [], resolve: () => Promise.reject(noBody) };
  expect(await failureOf(probe({ host: 'no.example.test' }, { guard }))).toMatchObject({
    code: 'host_unknown',
    retryable: false,
  });
});

test('who answers but is no PostgreSQL is a failure, not a hang', async () => {
  const web = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  expect((await failureOf(probe({ port: web }, { connectTimeoutMs: 1_000 }))).kind).toBe('network');
  expect(await failureOf(probe({ port: web, tls: 'require' }))).toMatchObject({ code: 'tls_unavailable' });
});

test('private addresses and our own ports are refused before anything is sent', async () => {
  expect(await failureOf(probe({}, { guard: { allow: [] } }))).toMatchObject({
    kind: 'network',
    code: 'address_refused',
    retryable: false,
  });
  const own = {
    allow: ['127.0.0.1', 'localhost'],
    isOwnPort: (_: string, port: number) => port === world.access.target.port,
  };
  expect(await failureOf(probe({}, { guard: own }))).toMatchObject({ code: 'address_refused' });
  for (const host of ['2130706433', '0x7f.1', '127.1', '::1', '::ffff:127.0.0.1', '169.254.169.254'])
    expect(await failureOf(probe({ host }, { guard: { allow: [] } }))).toMatchObject({ code: 'address_refused' });
  for (const host of ['/var/run/postgresql', 'a/b', 'user@host', ''])
    expect((await failureOf(probe({ host }))).retryable).toBe(false);
});

test('a name is resolved once: what it means a moment later changes nothing', async () => {
  let asked = 0;
  const resolve = async () => {
    asked++;
    return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 as const }];
  };
  const engine = world.with({
    target: { host: 'db.example.test' },
    access: { guard: { allow: ['127.0.0.1'], resolve } },
  });
  expect(await engine.probe()).toMatchObject({ isEncrypted: false });
  expect(asked).toBe(1);
});

test('TLS without a check is encrypted; a checked certificate must be known and of the name', async () => {
  const { port, encrypted } = await tlsFront();
  expect(await probe({ port, tls: 'require' })).toMatchObject({ isEncrypted: true });
  const host = 'db.example.test';
  expect(await probe({ host, port, tls: 'verify-full', ca: testAuthority }, named)).toMatchObject({
    isEncrypted: true,
  });
  expect(encrypted()).toBe(2);
  const failing = { kind: 'network', code: 'tls_failed', retryable: false };
  expect(await failureOf(probe({ host, port, tls: 'verify-full' }, named))).toMatchObject(failing);
  expect(
    await failureOf(probe({ host: 'other.example.test', port, tls: 'verify-full', ca: testAuthority }, named)),
  ).toMatchObject(failing);
  expect(await failureOf(probe({ port, tls: 'verify-full', ca: testAuthority }))).toMatchObject(failing);
});

test('a server without TLS is not spoken to in clear where TLS is asked for', async () => {
  expect(await failureOf(probe({ tls: 'require' }))).toMatchObject({ kind: 'network', code: 'tls_unavailable' });
});

test('over TLS a query is stopped as well', async () => {
  const { port } = await tlsFront();
  const engine = world.with({ target: { port, tls: 'require' } });
  const ref = world.run('select pg_sleep(60)');
  const reading = failureOf(engine.page({ ref, columns: [], cursor: null, limit: 1 }));
  await expect.poll(() => world.sessions()).toMatchObject([{ state: 'active' }]);
  expect(await engine.cancel(ref)).toMatchObject({ outcome: 'stopped' });
  expect(await reading).toMatchObject({ code: 'canceled' });
});

test('bytes that came before the encryption are not taken for the server’s', async () => {
  const port = await listen((socket) => socket.once('data', () => socket.write('SE')));
  expect(await failureOf(probe({ port, tls: 'require' }))).toMatchObject({ code: 'tls_unavailable' });
});
