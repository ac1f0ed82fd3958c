import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureUser } from '#tests/kit/sshd.ts';
import { startSshHosts, type SshHosts } from '#tests/kit/ssh-hosts.ts';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import { startSshSimulator } from '#simulators/ssh/ssh-simulator.ts';
import { readPlain } from './exec.ts';
import { describePublicKey, generateKey } from './keys.ts';
import { SshPool } from './pool.ts';

let ssh: SshHosts;
beforeAll(async () => {
  ssh = await startSshHosts({ hosts: 3 });
});
afterAll(() => ssh.stop());

const hi = { command: 'echo hi' };
const pinned = (line: string) => describePublicKey(Buffer.from(line.split(' ')[1] ?? '', 'base64'));

test('a pinned key lets us in, by the whole key or by the fingerprint alone', async () => {
  const pool = new SshPool(); // trusts no first use
  const key = pinned(ssh.host().hostKey);
  for (const hostKey of [
    key,
    { fingerprint: key.fingerprint },
    { fingerprint: `${key.fingerprint}=`, algorithm: 'ssh-ed25519' },
  ]) {
    expect(await readPlain(pool, ssh.target(0, { hostKey }), hi)).toMatchObject({ stdout: 'hi\n' });
  }
  await pool.close();
});

test('a swapped host key fails closed, with both fingerprints, before anything is sent', async () => {
  const own = await startSshHosts({ hosts: 1 });
  const pool = new SshPool({ trustFirstUse: () => true });
  const hostKey = pinned(own.host().hostKey);
  await readPlain(pool, own.target(0, { hostKey }), hi);
  await own.sshd.restart({ newHostKeys: true });
  const shown = pinned(own.host().hostKey);
  await expect(readPlain(pool, own.target(0, { hostKey }), hi)).rejects.toMatchObject({
    code: 'ssh.host_key_changed',
    retry: false,
    facts: { pinned: hostKey.fingerprint, offered: shown.fingerprint, key: shown.key },
  });
  expect(own.sshd.log().match(/Accepted publickey/g)).toHaveLength(1);
  await pool.close();
  await own.stop();
});

test('a first use is trusted only if the caller says so, who sees the key', async () => {
  const strict = new SshPool();
  await expect(readPlain(strict, ssh.target(), hi)).rejects.toMatchObject({ code: 'ssh.host_key_unknown' });
  const asked: string[] = [];
  const asking = new SshPool({ trustFirstUse: (target, key) => asked.push(`${target.host} ${key.fingerprint}`) > 0 });
  await readPlain(asking, ssh.target(), hi);
  const hostKey = pinned(ssh.host().hostKey);
  expect(asked).toEqual([`${ssh.host().address} ${hostKey.fingerprint}`]);
  // Who pins what was seen goes on with the same connection; who pins another key does not.
  await readPlain(asking, ssh.target(0, { hostKey }), hi);
  expect(asking.size.connections).toBe(1);
  const other = pinned(generateKey().publicKey);
  await expect(readPlain(asking, ssh.target(0, { hostKey: other }), hi)).rejects.toMatchObject({
    code: 'ssh.host_key_changed',
  });
  await Promise.all([strict.close(), asking.close()]);
});

test('an unknown user or key is refused and not tried again; no address and no answer can be tried again', async () => {
  const wrong = [
    ssh.target(0, { login: { username: 'nobody-here', privateKey: ssh.sshd.privateKey } }),
    ssh.target(0, { login: { username: ssh.host().username, privateKey: generateKey().privateKey } }),
    ssh.target(0, { login: { username: ssh.host().username, password: 'no such' } }),
  ];
  for (const target of wrong) {
    await expect(readPlain(ssh.pool, target, hi)).rejects.toMatchObject({ code: 'ssh.auth_refused', retry: false });
  }
  const away = [ssh.target(0, { port: 1 }), ssh.target(0, { host: 'no-such-name.invalid' })];
  for (const target of away) {
    await expect(readPlain(ssh.pool, target, hi)).rejects.toMatchObject({ code: 'ssh.unreachable', retry: true });
  }
});

test.runIf(process.getuid?.() === 0)('a password signs in (as root: it needs an account of its own)', async () => {
  ensureUser('windlass-t', { password: 'sesame' });
  const own = await startSshHosts({ hosts: [{ username: 'windlass-t' }], passwordAuth: true });
  const login = { username: 'windlass-t', password: 'sesame' };
  expect(await readPlain(own.pool, own.target(0, { login }), { command: 'id -un' })).toMatchObject({
    stdout: 'windlass-t\n',
  });
  const wrong = own.target(0, { login: { ...login, password: 'simsalabim' } });
  await expect(readPlain(own.pool, wrong, hi)).rejects.toMatchObject({ code: 'ssh.auth_refused' });
  await own.stop();
});

test.each(['ed25519', 'ecdsa', 'rsa'] as const)('a key of type %s signs in', async (type) => {
  const pair = generateKey(type);
  const simulator = await startSshSimulator({ hosts: [{ name: 'one' }], authorizedKeys: [pair.publicKey] });
  const pool = new SshPool({ trustFirstUse: () => true });
  const { address: host, port } = simulator.hosts[0] ?? { address: '', port: 0 };
  const login = { username: simulator.username, privateKey: pair.privateKey };
  expect(await readPlain(pool, { host, port, login }, hi)).toMatchObject({ stdout: 'hi\n' });
  await pool.close();
  await simulator.stop();
});

test('a chain of jump hosts: each hop is verified, and many share one connection to the first', async () => {
  const jump = ssh.target(0, { jump: ssh.target(1) });
  const pool = new SshPool({ trustFirstUse: () => true });
  const far = await Promise.all(
    [0, 1, 2, 3].map(() => readPlain(pool, ssh.target(2, { jump }), { command: 'echo "$HOME"' })),
  );
  expect(far.map(({ stdout }) => stdout)).toEqual([0, 1, 2, 3].map(() => `${ssh.host(2).home}\n`));
  expect(pool.size.connections).toBe(3);
  const foreign = { ...jump, hostKey: pinned(generateKey().publicKey) };
  await expect(readPlain(pool, ssh.target(2, { jump: foreign }), hi)).rejects.toMatchObject({
    code: 'ssh.host_key_changed',
  });
  await expect(readPlain(pool, ssh.target(2, { jump, port: 1 }), hi)).rejects.toMatchObject({
    code: 'ssh.unreachable',
  });
  await pool.close();
});

test('our own ports are refused, by name too and behind a jump host', async () => {
  const own = ssh.host(1);
  const pool = new SshPool({
    trustFirstUse: () => true,
    isOwnPort: (address, port) => port === own.port && (address === own.address || address === '127.0.0.1'),
  });
  for (const target of [ssh.target(1), ssh.target(1, { host: 'localhost' }), ssh.target(1, { jump: ssh.target(0) })]) {
    await expect(readPlain(pool, target, hi)).rejects.toMatchObject({ code: 'server.own_port' });
  }
  expect(await readPlain(pool, ssh.target(0), hi)).toMatchObject({ stdout: 'hi\n' });
  await pool.close();
});

test('a server that drops bursts (MaxStartups) is tried again until all are in', async () => {
  const own = await startSshHosts(
    { hosts: 1, maxStartups: '2:90:4' },
    { channelsPerConnection: 1, connectionsPerServer: 14, attempts: 20 },
  );
  const all = await Promise.all(Array.from({ length: 14 }, () => readPlain(own.pool, own.target(), hi)));
  expect(all.filter(({ stdout }) => stdout === 'hi\n')).toHaveLength(14);
  expect(own.sshd.log()).toMatch(/MaxStartups|drop connection/);
  await own.stop();
});

test('something that is no SSH server, or accepts and is silent, ends in a clear problem', async () => {
  const web = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const mute = createServer((socket) => socket.on('error', () => {}));
  const ports = await Promise.all(
    [web, mute].map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as { port: number }).port;
    }),
  );
  const pool = new SshPool({ trustFirstUse: () => true, connectTimeoutMs: 400, attempts: 2 });
  const tries = ports.map((port) =>
    readPlain(pool, ssh.target(0, { host: '127.0.0.1', port }), hi).catch((error: unknown) => error),
  );
  const [fromWeb, fromMute] = await Promise.all(tries);
  expect(fromWeb).toMatchObject({ code: expect.stringMatching(/ssh\.(busy|handshake_failed)/) });
  expect(fromMute).toMatchObject({ code: 'ssh.unreachable', facts: { reason: 'no answer to the handshake in time' } });
  await pool.close();
  web.close();
  mute.close();
});

test('commands share connections, at most eight at once on each, and the pool closes what is idle', async () => {
  const pool = new SshPool({ trustFirstUse: () => true, connectionsPerServer: 2, idleMs: 200 });
  let most = { connections: 0, channels: 0 };
  const all = Array.from({ length: 30 }, async () => {
    const end = await readPlain(pool, ssh.target(), { command: 'sleep 0.1; echo hi' });
    most = {
      connections: Math.max(most.connections, pool.size.connections),
      channels: Math.max(most.channels, pool.size.channels),
    };
    return end.stdout;
  });
  expect(await Promise.all(all)).toEqual(Array.from({ length: 30 }, () => 'hi\n'));
  expect(most.connections).toBe(2);
  expect(most.channels).toBeLessThanOrEqual(16);
  await expect.poll(() => pool.size.connections, { timeout: 20_000 }).toBe(0);
  await pool.close();
  await expect(readPlain(pool, ssh.target(), hi)).rejects.toMatchObject({ code: 'ssh.connection_lost' });
});

test('a cancel does not wait behind the commands that fill the connections', async () => {
  const pool = new SshPool({ trustFirstUse: () => true, connectionsPerServer: 1 });
  const stops = Array.from({ length: 8 }, () => new AbortController());
  const running = stops.map(({ signal }) =>
    readPlain(pool, ssh.target(), { command: 'sleep 60' }, { signal, graceSeconds: 1 }).catch(
      (error: unknown) => error,
    ),
  );
  await expect.poll(() => pool.size.channels, { timeout: 20_000 }).toBe(8);
  // One after the other, for two places are spared: each finds the eight taken by those before it.
  for (const [index, stop] of stops.entries()) {
    stop.abort();
    expect(await running[index]).toMatchObject({ name: 'AbortError' });
  }
  await pool.close();
});

test('a server that allows fewer channels than we think gets no more than it allows', async () => {
  const own = await startSshHosts({ hosts: 1, maxSessions: 3 });
  const all = await Promise.all(
    Array.from({ length: 12 }, () => readPlain(own.pool, own.target(), { command: 'sleep 0.1; echo hi' })),
  );
  expect(all.filter(({ stdout }) => stdout === 'hi\n')).toHaveLength(12);
  await own.stop();
});

test('a connection that breaks is told as lost, and the next command gets a new one', async () => {
  const proxy = await startTcpProxy(ssh.host());
  const target = ssh.target(0, { host: proxy.address, port: proxy.port });
  const running = readPlain(ssh.pool, target, { command: 'sleep 5' }).catch((error: unknown) => error);
  await expect.poll(() => proxy.taken(), { timeout: 20_000 }).toBe(1);
  setTimeout(() => proxy.reset(), 300);
  expect(await running).toMatchObject({ code: 'ssh.connection_lost', retry: true });
  expect(await readPlain(ssh.pool, target, hi)).toMatchObject({ stdout: 'hi\n' });
  await proxy.stop();
});
