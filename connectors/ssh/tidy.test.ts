import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSshHosts, type SshHosts } from '#tests/kit/ssh-hosts.ts';
import { MarkerTidy } from './tidy.ts';

let ssh: SshHosts;
beforeAll(async () => {
  ssh = await startSshHosts({ hosts: 1 });
});
afterAll(() => ssh.stop());
const kept = (key: string) => readdirSync(`${ssh.host().home}/.cache/windlass/${key}`).sort();

test('outputs of ended commands go together, at the latest when the process stops; a host that is away is no failure', async () => {
  const keys = ['one', 'two', 'three'].map((name) => `run.${name}.host.1`);
  await Promise.all(keys.map((key) => ssh.follow({ key, command: 'echo' })));
  const tidy = new MarkerTidy(ssh.pool, 60_000);
  for (const key of keys) tidy.add(ssh.target(), key);
  tidy.add(ssh.target(0, { port: 1 }), 'run.away.host.1');
  expect(tidy.size).toBe(4);
  expect(keys.map(kept)[0]).toContain('o0');
  await tidy.close();
  expect(keys.map(kept)).toEqual(keys.map(() => ['claim', 'end']));
  expect(tidy.size).toBe(0);
});

test('after the delay they go by themselves', async () => {
  const key = 'run.later.host.1';
  await ssh.follow({ key, command: 'echo' });
  const tidy = new MarkerTidy(ssh.pool, 50);
  tidy.add(ssh.target(), key);
  await expect.poll(() => kept(key), { timeout: 20_000 }).toEqual(['claim', 'end']);
});
