// `node end-with-parent.ts <home>`: ends the product of this home when its parent is gone. A test run that is killed cannot
// end what it started, and the product outlives its starter by design. The parent is gone when our stdin ends.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '#system/embedded/files.ts';
import { placePostgres } from '#system/embedded/postgres-place.ts';
import { endProcess, type ProcessMark } from '#system/embedded/processes.ts';

const home = z.string().min(1).parse(process.argv[2]);
const Mark = z.object({ pid: z.number(), startedAt: z.string() });

const noted = (): (ProcessMark | undefined)[] => [
  // The supervisor first: it would start the others again.
  Mark.safeParse(readJson(join(home, 'run', 'lock'))).data,
  ...['app', 'work', 'demo', 'temporal', 'postgres'].map(
    (part) => z.object({ mark: Mark }).safeParse(readJson(join(home, 'run', `${part}.json`))).data?.mark,
  ),
];

async function end(): Promise<void> {
  // PostgreSQL takes SIGQUIT as "at once"; nobody needs what the others would still write.
  for (const mark of noted()) if (mark) await endProcess(mark, [['SIGQUIT', 1_000]]);
  if (process.getuid?.() === 0) rmSync(placePostgres(home).root, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  process.exit(0);
}

// Ctrl-C reaches the tests, which end what they started; then our stdin ends too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.on('end', () => void end()).on('error', () => void end());
process.stdin.resume();
console.log('watching');
