import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'windlass-amc-'));
afterAll(() => rmSync(folder, { recursive: true }));
const scenario = (text: string): string => {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, text);
  return file;
};
const addresses = z.object({ consent: z.url(), token: z.url(), ads: z.url(), sellingPartner: z.url() });
const Line = z.object({
  origin: z.url(),
  regions: z.object({ na: addresses, eu: addresses, fe: addresses }),
  clientId: z.string(),
  clientSecret: z.string(),
  refreshToken: z.string(),
  instances: z.array(z.object({ instanceId: z.string(), accountId: z.string(), marketplaceId: z.string() })).min(3),
});

test('one line of JSON tells addresses and test credentials, the scenario is followed, and they work', async () => {
  const file = scenario('{"knobs":{"tokenSeconds":77}}');
  const simulator = spawn(node, [main, 'amc', '--scenario', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const text = await new Promise<string>((done) => simulator.stdout.setEncoding('utf8').once('data', done));
    const { regions, clientId, clientSecret, refreshToken } = Line.parse(JSON.parse(text));
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
      client_secret: clientSecret,
    });
    expect(await (await fetch(regions.fe.token, { method: 'POST', body })).json()).toMatchObject({ expires_in: 77 });
  } finally {
    const ended = new Promise((done) => simulator.once('exit', done));
    simulator.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
});

test.each([
  ['a port that is none', () => ['--port', '99999'], /is no port/],
  ['a scenario that is wrong', () => ['--scenario', scenario('{"knobs":{"slots":0}}')], /wrong at knobs\.slots/],
])('%s ends it with a reason', async (_, args, reason) => {
  const simulator = spawn(node, [main, 'amc', ...args()], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  simulator.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  expect(await new Promise((done) => simulator.once('close', done))).toBe(1);
  expect(said).toMatch(reason);
});
