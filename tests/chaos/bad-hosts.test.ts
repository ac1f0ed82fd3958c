// Hosts that misbehave, each in its own way, beside hosts that do not: every one has its own state and code, and the
// good ones are not touched by it.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { smallDisk, startSshd, type Sshd, type SshdHost } from '../kit/sshd.ts';
import { startTcpProxy, type TcpProxy } from '../kit/tcp-proxy.ts';
import { startTestApp, type TestApp, until } from '../kit/test-app.ts';

let app: TestApp;
let sshd: Sshd;
let rekeyed: Sshd;
let proxy: TcpProxy;
let keyId: string;
const stops: (() => unknown)[] = [];

const add = async (
  name: string,
  { address: host, port }: Pick<SshdHost, 'address' | 'port'>,
  credentialId: string,
): Promise<void> => {
  await app.ok('POST', '/servers', { name, host, port, credentialId });
};
const hostOf = (at: number, of = sshd): SshdHost => {
  const found = of.hosts[at];
  if (!found) throw new Error(`There is no host ${at}.`);
  return found;
};

beforeAll(async () => {
  app = await startTestApp();
  sshd = await startSshd({
    hosts: [
      {},
      {},
      {},
      {},
      {},
      { forceCommand: 'echo welcome to the menu' },
      { loginShell: '/usr/sbin/nologin' },
      smallDisk(0),
    ],
  });
  stops.push(() => sshd.stop());
  rekeyed = await startSshd({ hosts: 1 });
  stops.push(() => rekeyed.stop());
  proxy = await startTcpProxy(hostOf(3));
  stops.push(() => proxy.stop());
  const credential = async (body: object): Promise<string> =>
    (await app.ok('POST', '/credentials', { username: sshd.username, ...body })).id;
  keyId = await credential({ name: 'key', kind: 'ssh_key', privateKey: sshd.privateKey });
  const stranger = await credential({ name: 'stranger', kind: 'ssh_key', generate: 'ed25519' });
  const password = await credential({ name: 'password', kind: 'password', password: 'not-the-right-one' });
  const otherKey = await credential({ name: 'other', kind: 'ssh_key', privateKey: rekeyed.privateKey });
  await add('good-1', hostOf(0), keyId);
  await add('good-2', hostOf(1), keyId);
  await add('loud', hostOf(2), keyId);
  await add('dropping', proxy, keyId);
  await add('stranger', hostOf(4), stranger);
  await add('password', hostOf(4), password);
  await add('menu', hostOf(5), keyId);
  await add('nologin', hostOf(6), keyId);
  await add('rekeyed', hostOf(0, rekeyed), otherKey);
  await add('nobody', { address: '127.0.0.1', port: 1 }, keyId);
});
afterAll(async () => {
  await app?.close();
  for (const stop of stops) await stop();
});

const good = ['good-1', 'good-2'];
let made = 0;
async function start(names: string[], command: string, more: object = {}): Promise<string> {
  const definition = {
    name: `Bad ${++made}`,
    steps: [{ id: 'a', kind: 'ssh', hosts: { names }, command, maxFailures: '100%', ...more }],
  };
  const { id } = await app.ok('POST', '/playbooks', { definition });
  return (await app.ok('POST', `/playbooks/${id}/runs`, {})).runId;
}
const told = (run: RunDetail): Record<string, string> =>
  Object.fromEntries(
    run.hosts.map(({ host, status, error }) => [
      host,
      error
        ? `${status} ${error.code} ${String((error.details as { reason?: string } | undefined)?.reason ?? '')}`.trim()
        : status,
    ]),
  );

test('who is not there, refuses the key or the password, has no shell: each says so, the others succeed', async () => {
  const names = [...good, 'stranger', 'password', 'menu', 'nologin', 'nobody'];
  const run = await app.untilRun(await start(names, 'echo fine'));
  expect(run.status).toBe('succeeded');
  expect(told(run)).toEqual({
    'good-1': 'succeeded',
    'good-2': 'succeeded',
    stranger: 'failed host.auth_failed ssh.auth_refused',
    password: 'failed host.auth_failed ssh.auth_refused',
    menu: expect.stringMatching(/^(failed|unreachable) \S+ command\.shell_missing$/),
    nologin: expect.stringMatching(/^(failed|unreachable) \S+ command\.shell_missing$/),
    nobody: expect.stringMatching(/^unreachable host\.unreachable /),
  });
  for (const { error } of run.hosts.slice(2)) expect(error?.message).toMatch(/^\S.{15,}/);
});

test('a host whose key changed is refused until somebody trusts the new one', async () => {
  expect(told(await app.untilRun(await start([...good, 'rekeyed'], 'true')))).toEqual({
    'good-1': 'succeeded',
    'good-2': 'succeeded',
    rekeyed: 'succeeded',
  });
  await rekeyed.restart({ newHostKeys: true });
  const run = await app.untilRun(await start([...good, 'rekeyed'], 'true'));
  expect(told(run)).toEqual({
    'good-1': 'succeeded',
    'good-2': 'succeeded',
    rekeyed: expect.stringMatching(/ host\.key_changed /),
  });
  const server = (await app.ok('GET', '/servers?q=rekeyed')).data[0];
  expect(server).toMatchObject({ hostKeyState: 'mismatch' });
  await app.ok('POST', `/servers/${server.id}/host-key`, {
    fingerprint: server.offeredHostKey.fingerprint,
    reason: 'reinstalled',
  });
  expect(told(await app.untilRun(await start(['rekeyed'], 'true')))).toEqual({ rekeyed: 'succeeded' });
});

test('a host that hangs is ended at its own time limit, and its processes with it', async () => {
  const run = await app.untilRun(
    await start([...good, 'loud'], `test "\${HOME##*/}" != ${hostOf(2).home.split('/').at(-1)} || sleep 555`, {
      timeout: '2s',
    }),
  );
  expect(told(run)).toEqual({ 'good-1': 'succeeded', 'good-2': 'succeeded', loud: 'timed_out step.timed_out' });
  const left = (): string[] =>
    execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line === 'sleep 555');
  await until(() => left().length === 0);
});

test('a connection that drops in the middle is taken up again: the command ran once, no byte is missing', async () => {
  const runId = await start(
    [...good, 'dropping'],
    'printf x >>$HOME/dropped; for i in $(seq 40); do echo line $i; sleep 0.1; done',
  );
  for (let drops = 0; drops < 3; drops++) {
    const before = proxy.taken();
    await until(async () => (await app.ok('GET', `/runs/${runId}/logs?host=dropping`)).data.length > drops * 2);
    proxy.reset();
    await until(() => proxy.taken() > before);
  }
  const run = await app.untilRun(runId);
  expect(told(run)).toEqual({ 'good-1': 'succeeded', 'good-2': 'succeeded', dropping: 'succeeded' });
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(join(hostOf(3).home, 'dropped'), 'utf8')).toBe('x');
  const { data } = await app.ok('GET', `/runs/${runId}/logs?host=dropping&limit=5000`);
  expect(data.map(({ text }: { text: string }) => text).join('')).toBe(
    Array.from({ length: 40 }, (_, at) => `line ${at + 1}\n`).join(''),
  );
});

test(
  '1 GB of output: the first 8 MB and the last 2 are kept, the whole length is told, the others go on',
  { timeout: 180_000 },
  async () => {
    const bytes = 1024 * 1_048_576;
    const run = await app.untilRun(
      await start(
        [...good, 'loud'],
        `test "\${HOME##*/}" != ${hostOf(2).home.split('/').at(-1)} || { yes 0123456789abcde | head -c ${bytes}; echo the end; }`,
      ),
    );
    expect(told(run)).toEqual({ 'good-1': 'succeeded', 'good-2': 'succeeded', loud: 'succeeded' });
    expect(run.hosts.find(({ host }) => host === 'loud')).toMatchObject({ stdoutBytes: bytes + 8, truncated: true });
    let log = '';
    for (let after = ''; ;) {
      const page = await app.ok('GET', `/runs/${run.id}/logs?host=loud&limit=50${after}`);
      for (const { text } of page.data) log += text;
      if (page.nextCursor === null) break;
      after = `&after=${page.nextCursor}`;
    }
    // A line between the two parts says what was left out.
    expect(log.length).toBeGreaterThanOrEqual(10 * 1_048_576);
    expect(log.length).toBeLessThan(10 * 1_048_576 + 200);
    expect(log).toContain('the end');
  },
);

test('a full disk: the command was not started, and the code says why', async () => {
  await add('full', hostOf(7), keyId);
  const run = await app.untilRun(await start([...good, 'full'], 'echo ran >>$HOME/ran'));
  expect(told(run)).toEqual({
    'good-1': 'succeeded',
    'good-2': 'succeeded',
    full: expect.stringMatching(/^failed \S+ command\.disk_full$/),
  });
  expect(existsSync(join(hostOf(7).home, 'ran'))).toBe(false);
});
