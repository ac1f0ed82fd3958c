import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inSystem } from '../kit/in-tenant.ts';
import { findPasswordLink } from '../system/password-links.ts';
import { setUpInstance } from '../system/set-up.ts';

const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'windlass-link-'));
let database: TestDatabase;
let system: Db;
beforeAll(async () => {
  database = await testDatabase();
  system = openDatabase(database.systemUrl, { max: 1 });
  await inSystem(system, (tx) =>
    setUpInstance(tx, {
      email: 'mara@example.org',
      name: 'Mara',
      passwordHash: 'x',
      workspace: 'Home',
      accessTokenMinutes: 15,
      address: null,
      requestId: null,
    }),
  );
});
afterAll(async () => {
  await system?.destroy();
  await database?.close();
  rmSync(home, { recursive: true, force: true });
});

const urls = (): Record<string, string> => ({
  DATABASE_URL: database.ownerUrl,
  DATABASE_APP_URL: database.appUrl,
  DATABASE_SYSTEM_URL: database.systemUrl,
  WINDLASS_MASTER_KEY: Buffer.alloc(32, 7).toString('hex'),
});
const print = (args: string[], environment: Record<string, string> = urls()) =>
  new Promise<{ stdout: string; stderr: string; status: number }>((done) => {
    const env = {
      PATH: process.env['PATH'],
      NODE_NO_WARNINGS: '1',
      WINDLASS_HOME: home,
      WINDLASS_PUBLIC_URL: 'https://ops.example.org',
      ...environment,
    };
    const script = fileURLToPath(new URL('print-password-link.ts', import.meta.url));
    execFile(node, [script, ...args], { env }, (error, stdout, stderr) =>
      done({ stdout, stderr, status: error ? Number(error.code) : 0 }),
    );
  });

test('it prints a link that works, with the second factor’s removal where that is asked for', async () => {
  const { stdout, status } = await print(['mara@example.org', '--remove-second-factor']);
  expect(status).toBe(0);
  const [, token = ''] = /^https:\/\/ops\.example\.org\/reset-password\/([\w-]+)\n$/.exec(stdout) ?? [];
  expect(await inSystem(system, (tx) => findPasswordLink(tx, token, new Date()))).toMatchObject({
    removesFactor: true,
  });
});

test('nobody of that address, no address, no database: a sentence each, and exit code 1', async () => {
  expect(await print(['nobody@example.org'])).toEqual({
    stdout: '',
    stderr: 'There is no account with the address nobody@example.org.\n',
    status: 1,
  });
  expect(await print([])).toMatchObject({ status: 1, stderr: expect.stringMatching(/^Say for whom: /) });
  expect(await print(['mara@example.org'], {})).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('holds no database yet'),
  });
});
