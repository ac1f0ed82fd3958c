import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTcpProxy } from '#tests/kit/tcp-proxy.ts';
import { collect, startSshHosts, type SshHosts } from '#tests/kit/ssh-hosts.ts';
import { followCommand, runCommand } from './durable.ts';
import { SshPool } from './pool.ts';

let ssh: SshHosts;
beforeAll(async () => {
  ssh = await startSshHosts({ hosts: [{}, {}] });
});
afterAll(() => ssh.stop());

const numbers = (word: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${word}${index + 1}\n`).join('');
const counting = (file: string, count: number) =>
  `echo x >>"$HOME/${file}"; i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo o$i; echo e$i >&2; sleep 0.02; done; exit 9`;

test.concurrent('a worker killed at random moments again and again: one start, every byte once, the right code', async () => {
  const folder = join(ssh.sshd.folder, 'worker');
  mkdirSync(folder);
  const command = { key: 'run.killed.host.1', command: counting('killed', 220) };
  writeFileSync(join(folder, 'work.json'), JSON.stringify({ target: ssh.target(), command, sh: '/bin/sh' }));
  let kills = 0;
  while (!existsSync(join(folder, 'result'))) {
    const script = join(import.meta.dirname, '../../tests/kit/fixtures/follow-worker.ts');
    const worker = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const gone = once(worker, 'exit');
    const isReady = await Promise.race([once(worker.stdout, 'data').then(() => true), gone.then(() => false)]);
    if (!isReady) continue;
    if (kills < 7) {
      await wait(Math.random() * 350); // from before the connection to the middle of the output
      kills++;
      worker.kill('SIGKILL');
    }
    await gone;
  }
  const file = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(kills).toBeGreaterThan(3);
  expect(JSON.parse(file('result'))).toMatchObject({ exitCode: 9 });
  expect([file('stdout'), file('stderr')]).toEqual([numbers('o', 220), numbers('e', 220)]);
  expect(readFileSync(`${ssh.host().home}/killed`, 'utf8')).toBe('x\n');
});

test.concurrent('resets of the connection in the middle lose and double nothing', async () => {
  const proxy = await startTcpProxy(ssh.host(1));
  const pool = new SshPool({ trustFirstUse: () => true });
  const seen = { stdout: '', stderr: '' };
  const timer = setInterval(() => proxy.reset(), 350);
  const target = { ...ssh.target(1), host: proxy.address, port: proxy.port };
  const end = await runCommand(
    pool,
    target,
    { key: 'run.reset.host.1', command: counting('reset', 100) },
    {
      attempts: 60,
      onEvent: (event) => event.kind === 'output' && (seen[event.stream] += event.bytes.toString()),
    },
  );
  clearInterval(timer);
  expect(end.exitCode).toBe(9);
  expect(seen).toEqual({ stdout: numbers('o', 100), stderr: numbers('e', 100) });
  expect(proxy.taken()).toBeGreaterThan(2);
  expect(readFileSync(`${ssh.host(1).home}/reset`, 'utf8')).toBe('x\n');
  await pool.close(100);
  await proxy.stop();
});

test.concurrent('a link that freezes without an end is noticed on both sides, and the command goes on', async ({
  expect,
}) => {
  const proxy = await startTcpProxy(ssh.host());
  const pool = new SshPool({ trustFirstUse: () => true, keepaliveMs: 500 });
  const target = { ...ssh.target(), host: proxy.address, port: proxy.port };
  const command = {
    key: 'run.frozen.host.1',
    command: 'echo one; until [ -e "$HOME/thaw" ]; do sleep 0.2; done; echo two',
  };
  const options = { leaseSeconds: 1 };
  const first = followCommand(pool, target, command, options);
  const seen: string[] = [];
  const broken = (async () => {
    for await (const event of first) if (event.kind === 'output') seen.push(event.bytes.toString());
  })();
  const outcome = broken.catch((error: unknown) => error);
  await expect.poll(() => seen.join(''), { timeout: 20_000 }).toContain('one');
  await wait(1_600); // the lease begins in the second second
  const before = programsOf(command.key);
  proxy.freeze();
  expect(await outcome).toMatchObject({ code: 'ssh.connection_lost', retry: true });
  // The channel's shell, the follower and the one that listens to us are gone; what serves the command stays.
  await expect.poll(() => before - programsOf(command.key), { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  expect(programsOf(command.key)).toBeGreaterThan(2);
  writeFileSync(`${ssh.host().home}/thaw`, '');
  const rest = await ssh.follow(command, {
    isBegun: true,
    from: { stdout: Buffer.byteLength(seen.join('')), stderr: 0 },
  });
  expect(seen.join('') + rest.stdout.toString()).toBe('one\ntwo\n');
  await pool.close(100);
  await proxy.stop();
});

test.concurrent('the servers are restarted in between: the next attempt meets the running command', async () => {
  const own = await startSshHosts({ hosts: 1 });
  const command = { key: 'run.restart.host.1', command: 'echo x >>"$HOME/again"; echo one; sleep 1.5; echo two' };
  const following = followCommand(own.pool, own.target(), command);
  await following.next(); // begun
  const outcome = collect(following).catch((error: unknown) => error);
  await wait(300);
  await own.sshd.restart();
  expect(await outcome).toMatchObject({ code: 'ssh.connection_lost' });
  const rest = await own.follow(command, { isBegun: true });
  expect(rest.stdout.toString()).toBe('one\ntwo\n');
  expect(readFileSync(`${own.host().home}/again`, 'utf8')).toBe('x\n');
  await own.stop();
});

test.concurrent('after a drop no follower stays behind, and the server’s session is free again', async () => {
  const own = await startSshHosts({ hosts: 1, maxSessions: 4 });
  for (let round = 0; round < 6; round++) {
    // A follower that leaves while its command runs must not keep a session: MaxSessions would be used up.
    const following = followCommand(own.pool, own.target(), { key: `run.leave${round}.host.1`, command: 'sleep 5' });
    await following.next();
    await following.return({} as never);
  }
  const { stdout } = await own.follow({ key: 'run.after.host.1', command: 'echo free' });
  expect(stdout.toString()).toBe('free\n');
  expect(own.pool.size.connections).toBe(1);
  await own.stop();
});

test.concurrent('output of a slow reader waits on the host, not in our memory', async ({ expect }) => {
  const proxy = await startTcpProxy(ssh.host());
  const pool = new SshPool({ trustFirstUse: () => true });
  const command = { key: 'run.slow.host.1', command: 'head -c 40000000 /dev/zero' };
  const target = { ...ssh.target(), host: proxy.address, port: proxy.port };
  const following = followCommand(pool, target, command, { capBytes: Infinity });
  await following.next(); // begun
  await following.next(); // the first bytes
  await wait(1_500); // nobody reads meanwhile
  expect(proxy.received()).toBeLessThan(5_000_000);
  const { end } = await collect(following);
  expect(end.totals.stdout).toBe(40_000_000);
  await pool.close();
  await proxy.stop();
});

test.concurrent('a follower that was killed is noticed, and the command is met again', async ({ expect }) => {
  const key = 'run.follower.host.1';
  const command = { key, command: 'echo one; sleep 6; echo two' };
  const following = followCommand(ssh.pool, ssh.target(1), command, { leaseSeconds: 1 });
  await following.next(); // begun
  const outcome = collect(following).catch((error: unknown) => error);
  const followers = () => shellsOf(key).filter((pid) => holdsSegment(pid, key));
  await expect.poll(followers, { timeout: 20_000 }).toHaveLength(1);
  for (const pid of followers()) process.kill(pid, 'SIGKILL');
  expect(await outcome).toMatchObject({ code: 'ssh.connection_lost', retry: true });
  const rest = await ssh.follow(command, { on: 1, isBegun: true });
  expect(rest.stdout.toString()).toBe('one\ntwo\n');
});

/** The follower is the one that reads the output’s segment. */
function holdsSegment(pid: number, key: string): boolean {
  return [7].some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith(`${key}/o0`);
    } catch {
      return false;
    }
  });
}

/** How many shells of our program there are for a command. */
const programsOf = (key: string): number => shellsOf(key).length;

function shellsOf(key: string): number[] {
  const own = (pid: string) => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : '';
      return line.includes('while IFS') && line.includes(`\0windlass\0${key}`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter(own).map(Number);
}
