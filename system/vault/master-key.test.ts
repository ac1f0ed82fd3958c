import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { newMasterKey, parseMasterKeys, readMasterKeys } from './master-key.ts';

const homes: string[] = [];
const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'windlass-key-'));
  homes.push(home);
  return home;
};
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});
const external = {
  DATABASE_URL: 'postgres://o@db/w',
  DATABASE_APP_URL: 'postgres://a@db/w',
  DATABASE_SYSTEM_URL: 'postgres://s@db/w',
};

test('with the embedded database the key is made once, readable by its owner alone, and said', () => {
  const config = loadConfig({ WINDLASS_HOME: newHome() });
  const said: string[] = [];
  const made = readMasterKeys(config, { say: (line) => said.push(line), environment: {} });
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/Back it up apart from the data/);
  expect(statSync(join(config.home, 'master.key')).mode & 0o777).toBe(0o600);
  expect(readMasterKeys(config, { say: (line) => said.push(line), environment: {} }).current.id).toBe(made.current.id);
  expect(said).toHaveLength(1);
});

test('a key file open to others is closed', () => {
  const config = loadConfig({ WINDLASS_HOME: newHome() });
  const path = join(config.home, 'master.key');
  writeFileSync(path, newMasterKey());
  chmodSync(path, 0o644);
  readMasterKeys(config, { environment: {} });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('an own database without a key stops the start with one line, and makes none', () => {
  const config = loadConfig({ ...external, WINDLASS_HOME: newHome() });
  expect(() => readMasterKeys(config, { environment: {} })).toThrow(
    /^DATABASE_URL is set without a master key: set WINDLASS_MASTER_KEY or [^\n]*$/,
  );
  expect(() => readFileSync(join(config.home, 'master.key'))).toThrow(/ENOENT/);
});

test('the key leaves the environment once it is read', () => {
  const environment: NodeJS.ProcessEnv = { ...external, WINDLASS_MASTER_KEY: newMasterKey() };
  const keys = readMasterKeys(loadConfig(environment), { environment });
  expect(environment['WINDLASS_MASTER_KEY']).toBeUndefined();
  expect(keys.all).toHaveLength(1);
});

test('keys are read as base64, base64url or hex, the current one first; anything else is refused without showing it', () => {
  const bytes = Buffer.alloc(32, 251);
  const ids = [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('hex')].map(
    (text) => parseMasterKeys(text, 'X').current.id,
  );
  expect(new Set(ids).size).toBe(1);
  const other = newMasterKey();
  expect(parseMasterKeys(`${other}\n${bytes.toString('hex')}`, 'X').all.map(({ id }) => id)).toEqual([
    parseMasterKeys(other, 'X').current.id,
    ids[0],
  ]);
  expect(() => parseMasterKeys('hunter2', 'X')).toThrow(/^(?!.*hunter2)X must hold 32 random bytes/);
  expect(() => parseMasterKeys(' \n', 'X')).toThrow(/X is empty/);
});
