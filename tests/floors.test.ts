import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const project = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'windlass-floors-'));
const Report = z.object({
  diagnostics: z.array(z.object({ filename: z.string(), code: z.string(), message: z.string() })),
});

/** Files that each hold one import, and whether it points down. */
const imports: readonly (readonly [file: string, line: string, isAllowed: boolean])[] = [
  ['contracts/runs/a.ts', `import { x } from '#system/clock.ts';`, false],
  ['contracts/runs/b.ts', `import { readFileSync } from 'node:fs';`, false],
  ['contracts/runs/c.ts', `import { z } from 'zod';`, true],
  ['web/runs/a.ts', `import { x } from '#contracts/runs/runs.ts';`, true],
  ['web/runs/b.ts', `import { x } from '#db/runs/runs.ts';`, false],
  ['web/runs/c.ts', `import { x } from '../../api/runs/runs.ts';`, false],
  ['web/runs/d.ts', `import { x } from '#cli/kit/client.ts';`, false],
  ['cli/runs/a.ts', `import { x } from '#contracts/runs/runs.ts';`, true],
  ['cli/runs/b.ts', `import { x } from '#web/kit/api.ts';`, false],
  ['cli/runs/c.ts', `import { x } from '../../system/log.ts';`, false],
  ['api/runs/a.ts', `import { x } from '#db/runs/runs.ts';`, true],
  ['api/runs/f.ts', `import { x } from '#cli/kit/client.ts';`, false],
  ['api/runs/b.ts', `import { x } from '#workflows/runs/x.ts';`, false],
  ['api/runs/c.ts', `import { sql } from 'kysely';`, false],
  ['api/runs/d.ts', `import type { Kysely } from 'kysely';`, true],
  ['api/runs/e.ts', `import { x } from '#simulators/main.ts';`, false],
  ['workflows/queries/a.ts', `import type { X } from '#activities/queries/run-query.ts';`, true],
  ['workflows/queries/b.ts', `import { X } from '#activities/queries/run-query.ts';`, false],
  ['workflows/queries/c.ts', `import { x } from '../incidents/lifecycle.ts';`, false],
  ['workflows/queries/d.ts', `import { x } from '../kit/retry.ts';`, true],
  ['workflows/queries/e.ts', `import { x } from '#workflows/kit/retry.ts';`, true],
  ['workflows/queries/f.ts', `import { randomUUID } from 'node:crypto';`, false],
  ['activities/runs/a.ts', `import { x } from '#connectors/ssh/ssh.ts';`, true],
  ['activities/runs/b.ts', `import { x } from '#temporal/client.ts';`, false],
  ['connectors/ssh/a.ts', `import { x } from '#db/servers/servers.ts';`, false],
  ['db/runs/a.ts', `import { x } from '#api/runs/runs.ts';`, false],
  ['db/runs/b.ts', `import { sql } from 'kysely';`, true],
  ['temporal/a.ts', `import { x } from '#db/runs/runs.ts';`, false],
  ['temporal/worker.ts', `import { x } from '#activities/runs/runs.ts';`, true],
  ['system/a.ts', `import { x } from '#temporal/client.ts';`, false],
  ['system/supervisor/main.ts', `import { x } from '#db/kit/migrate.ts';`, true],
  ['api/runs/runs.test.ts', `import { x } from '#tests/kit/test-database.ts';`, true],
];

let refused: Set<string>;
let cycles: Set<string>;

beforeAll(async () => {
  copyFileSync(join(project, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const files = [
    ...imports.map(([file, line]) => [file, line]),
    ['db/kit/one.ts', `import { two } from './two.ts';\nexport const one = two;`],
    ['db/kit/two.ts', `import { one } from './one.ts';\nexport const two = one;`],
  ] as const;
  for (const [file = '', text = ''] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${text}\n`);
  }
  const stdout = await new Promise<string>((done) => {
    execFile(
      join(project, 'node_modules/.bin/oxlint'),
      ['--format', 'json', '.'],
      { cwd: folder, maxBuffer: 16e6 },
      (_, output) => done(output),
    );
  });
  const { diagnostics } = Report.parse(JSON.parse(stdout));
  const filesOf = (code: RegExp): Set<string> =>
    new Set(diagnostics.filter((each) => code.test(each.code)).map(({ filename }) => filename));
  refused = filesOf(/no-restricted-imports/);
  cycles = filesOf(/no-cycle/);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(imports)('%s: %s is allowed: %s', (file, _line, isAllowed) => {
  expect(refused.has(file)).toBe(!isAllowed);
});

test('a cycle is refused', () => {
  expect(cycles).toEqual(new Set(['db/kit/one.ts', 'db/kit/two.ts']));
});
