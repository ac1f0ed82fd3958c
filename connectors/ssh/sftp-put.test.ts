import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SshHosts, startSshHosts } from '#tests/kit/ssh-hosts.ts';
import { SshProblem } from './problem.ts';
import { putFile } from './sftp-put.ts';

let hosts: SshHosts;
beforeAll(async () => (hosts = await startSshHosts({ hosts: 1 })));
afterAll(() => hosts?.stop());

let folders = 0;
const folder = (): string => {
  const path = join(hosts.host().home, `in-${++folders}`);
  mkdirSync(path);
  return path;
};
const whole = async () => Readable.from([Buffer.from('a'.repeat(100_000)), Buffer.from('b')]);
/** Some bytes, then whatever is to happen, then more bytes. */
const broken = (happens: () => unknown) => async () =>
  Readable.from(
    (async function* () {
      yield Buffer.from('begun');
      await happens();
      yield Buffer.from('a'.repeat(1_000_000));
    })(),
  );
const put = (path: string, open: () => Promise<Readable> = whole, signal?: AbortSignal) =>
  putFile(
    hosts.target(),
    { path, partPath: `${path}.part`, open },
    { trustFirstUse: () => true, ...(signal && { signal }) },
  );

test('a file is there whole once it is there, replaces what was there, and leaves nothing beside it', async () => {
  const path = folder();
  writeFileSync(join(path, 'x.csv'), 'what was there');
  expect(await put(join(path, 'x.csv'))).toBe(100_001);
  expect(readFileSync(join(path, 'x.csv')).length).toBe(100_001);
  expect(readdirSync(path)).toEqual(['x.csv']);
});

test('while it grows it stands under another name, and what was there can be read', async () => {
  const path = folder();
  writeFileSync(join(path, 'x.csv'), 'what was there');
  const seen: string[][] = [];
  await put(
    join(path, 'x.csv'),
    broken(() => {
      seen.push(readdirSync(path), [readFileSync(join(path, 'x.csv'), 'utf8')]);
    }),
  );
  expect(seen).toEqual([['x.csv', 'x.csv.part'], ['what was there']]);
});

test('what cannot be read is told as it is, and the beginning is taken away again', async () => {
  const path = folder();
  const failure = new TypeError('the source broke');
  const failing = broken(() => Promise.reject(failure));
  await expect(put(join(path, 'x.csv'), failing)).rejects.toBe(failure);
  expect(readdirSync(path)).toEqual([]);
});

test('what the host refuses is told with its reason; a connection that is lost may be tried again', async () => {
  const path = folder();
  const code = (work: Promise<unknown>) => work.catch((error: unknown) => (error instanceof SshProblem ? [error.code, error.retry] : error)); // prettier-ignore
  expect(await code(put(join(path, 'none/x.csv')))).toEqual(['sftp.refused', false]);
  expect(await code(put(join(path, 'x.csv'), broken(() => hosts.sshd.dropConnections())))).toEqual(['ssh.connection_lost', true]); // prettier-ignore
  expect(readdirSync(path)).toEqual(['x.csv.part']);
  // The next attempt takes its place.
  expect(await put(join(path, 'x.csv'))).toBe(100_001);
  expect(readdirSync(path)).toEqual(['x.csv']);
});

test('a cancel ends it', async () => {
  const path = folder();
  const stop = new AbortController();
  await expect(put(join(path, 'x.csv'), broken(() => stop.abort(new Error('stopped'))), stop.signal)).rejects.toThrow('stopped'); // prettier-ignore
});
