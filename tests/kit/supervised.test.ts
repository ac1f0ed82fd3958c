import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive, markOf, type ProcessMark } from '#system/embedded/processes.ts';
import { until } from './test-app.ts';

const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
const sleeper = (): ProcessMark => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  child.unref();
  const mark = markOf(child.pid);
  if (!mark) throw new Error('sleep did not start.');
  return mark;
};

test('a product whose starter is killed by -9 is ended, and its data go', async () => {
  const home = mkdtempSync(join(tmpdir(), 'windlass-watched-'));
  mkdirSync(join(home, 'run'));
  const marks = { lock: sleeper(), app: sleeper(), postgres: sleeper() };
  writeFileSync(join(home, 'run', 'lock'), JSON.stringify(marks.lock));
  for (const part of ['app', 'postgres'] as const)
    writeFileSync(join(home, 'run', `${part}.json`), JSON.stringify({ mark: marks[part] }));
  // A process that watches as tests do, and is killed.
  const script = `import { endWithUs } from ${JSON.stringify(new URL('supervised.ts', import.meta.url).href)};
    await endWithUs(${JSON.stringify(home)}); console.log('watched'); setInterval(() => {}, 1_000);`;
  const starter = spawn(node, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((done) => starter.stdout.once('data', done));
  expect(Object.values(marks).every(isAlive)).toBe(true);
  starter.kill('SIGKILL');
  await until(() => !Object.values(marks).some(isAlive) && !existsSync(home));
});
