import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followCommand, runCommand, cancelCommand } from '#connectors/ssh/durable.ts';
import { readPlain, runPlain } from '#connectors/ssh/exec.ts';
import type { SshTarget } from '#connectors/ssh/connect.ts';
import { SshPool } from '#connectors/ssh/pool.ts';
import { startSshSimulator, type SshSimulator } from './ssh-simulator.ts';

let simulator: SshSimulator;
let pool: SshPool;
beforeAll(async () => {
  simulator = await startSshSimulator({ hosts: [{ name: 'web-1' }, { name: 'web-2' }], password: 'open sesame' });
  pool = new SshPool({ trustFirstUse: () => true });
});
afterAll(async () => {
  await pool.close();
  await simulator.stop();
});

const host = (index: number) => {
  const found = simulator.hosts[index];
  if (!found) throw new Error('no such host');
  return found;
};
const target = (index: number, change: Partial<SshTarget> = {}): SshTarget => ({
  host: host(index).address,
  port: host(index).port,
  login: { username: simulator.username, privateKey: simulator.privateKey ?? '' },
  ...change,
});

test('a durable command gives its output and exit code, and its home is its host’s own', async () => {
  const text: string[] = [];
  const end = await runCommand(
    pool,
    target(0),
    { key: 'run.step.web-1.1', command: 'echo "$HOME"; echo x >>counter; exit 4' },
    { onEvent: (event) => event.kind === 'output' && text.push(event.bytes.toString()) },
  );
  expect(end).toMatchObject({ exitCode: 4, isOutputOpen: false });
  expect(text.join('')).toBe(`${host(0).home}\n`);
  expect(readFileSync(`${host(0).home}/counter`, 'utf8')).toBe('x\n');
});

test('a command outlives a dropped connection and is met again, started once', async () => {
  const command = {
    key: 'run.drop.web-1.1',
    command: 'echo x >>drops; for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done',
  };
  const seen: string[] = [];
  let isDropped = false;
  const end = await runCommand(pool, target(0), command, {
    onEvent: (event) => {
      if (event.kind !== 'output') return;
      seen.push(event.bytes.toString());
      if (!isDropped) simulator.dropConnections();
      isDropped = true;
    },
  });
  expect(end.exitCode).toBe(0);
  expect(seen.join('')).toBe('1\n2\n3\n4\n5\n6\n');
  expect(readFileSync(`${host(0).home}/drops`, 'utf8')).toBe('x\n');
});

test('cancel ends a running command', async () => {
  const events = followCommand(pool, target(1), { key: 'run.cancel.web-2.1', command: 'sleep 60' });
  await events.next();
  const end = await cancelCommand(pool, target(1), 'run.cancel.web-2.1', { graceSeconds: 1 });
  expect(end.exitCode).toBe(143);
  let last: unknown;
  for await (const event of events) last = event;
  expect(last).toMatchObject({ kind: 'end', end: { exitCode: 143 } });
});

test('a password signs in, a wrong one does not, nor an unknown user', async () => {
  const login = { username: simulator.username, password: 'open sesame' };
  expect(await readPlain(pool, target(1, { login }), { command: 'echo hi' })).toMatchObject({
    stdout: 'hi\n',
    exitCode: 0,
  });
  for (const wrong of [
    { ...login, password: 'no' },
    { ...login, username: 'root' },
  ]) {
    await expect(readPlain(pool, target(1, { login: wrong }), { command: 'echo hi' })).rejects.toMatchObject({
      code: 'ssh.auth_refused',
    });
  }
});

test('one host leads to another, and a signal reaches the process group', async () => {
  const jump = target(0);
  expect(await readPlain(pool, target(1, { jump }), { command: 'echo "$HOME"' })).toMatchObject({
    stdout: `${host(1).home}\n`,
  });
  const stop = new AbortController();
  const running = runPlain(
    pool,
    target(1),
    { command: 'sleep 60 & sleep 60' },
    { signal: stop.signal, graceSeconds: 1 },
  );
  await wait(300);
  stop.abort();
  await expect(running).rejects.toThrow(/abort/i);
});
