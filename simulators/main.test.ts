import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readPlain } from '#connectors/ssh/exec.ts';
import { SshPool } from '#connectors/ssh/pool.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

const Line = z.object({
  hosts: z.array(z.object({ name: z.string(), address: z.string(), port: z.number(), hostKey: z.string() })),
  username: z.string(),
  password: z.string(),
  privateKey: z.string(),
});

test('one line of JSON tells where the hosts are and how to sign in, and it is so', async () => {
  const simulator = spawn(node, [main, 'ssh', '--hosts', '2'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pool = new SshPool({ trustFirstUse: () => true });
  try {
    const line = await new Promise<string>((done) => simulator.stdout.setEncoding('utf8').once('data', done));
    const { hosts, username, password } = Line.parse(JSON.parse(line));
    expect(hosts.map(({ name }) => name)).toEqual(['host-1', 'host-2']);
    for (const { address, port } of hosts) {
      const target = { host: address, port, login: { username, password } };
      expect(await readPlain(pool, target, { command: 'echo hi' })).toMatchObject({ stdout: 'hi\n', exitCode: 0 });
    }
  } finally {
    await pool.close();
    const ended = new Promise((done) => simulator.once('exit', done));
    simulator.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
});

test.each([
  '',
  'nothing',
  'constructor',
  'ssh --hosts 0',
  'ssh --port 70000',
  'ssh --many',
  'sfmc --scenario nowhere.json',
])('what it does not know it refuses with its usage or the reason: simulate %s', async (line) => {
  const args = line.split(' ').filter(Boolean);
  const simulator = spawn(node, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  simulator.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect(await new Promise((done) => simulator.once('close', done))).toBe(1);
  expect(said).toMatch(/Usage: |Unknown option/);
});

test('Marketing Cloud tells its addresses and credentials, and behaves as a scenario file says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
  const file = join(folder, 'scenario.json');
  writeFileSync(
    file,
    JSON.stringify({
      knobs: { tokenLifeS: 5 },
      packages: [{ name: 'Mine', kind: 'server', clientId: 'mine', clientSecret: 's' }],
    }),
  );
  const simulator = spawn(node, [main, 'sfmc', '--scenario', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const line = await new Promise<string>((done) => simulator.stdout.setEncoding('utf8').once('data', done));
    const { auth } = z
      .object({ auth: z.url(), packages: z.array(z.object({ clientId: z.string() })) })
      .parse(JSON.parse(line));
    const body = JSON.stringify({ grant_type: 'client_credentials', client_id: 'mine', client_secret: 's' });
    const answer = await fetch(`${auth}v2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await answer.json()).toMatchObject({ expires_in: 5 });
  } finally {
    const ended = new Promise((done) => simulator.once('exit', done));
    simulator.kill('SIGTERM');
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true });
  }
});
