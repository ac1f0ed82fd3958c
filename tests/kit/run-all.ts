// `npm test`: every suite with coverage. The last line is `N passed, N failed`, the true sums.
// Arguments are passed on to vitest: `npm test -- api/runs` runs a part, without coverage.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { needProgram } from './os-packages.ts';
import { failedFiles, sumsOf, sumsWithSecond, type Sums } from './test-sums.ts';

/** Asked for: a whole run that falls below it has failed. */
const COVERAGE_AT_LEAST = 80;
/** More than so many files do not fail by a moment's load. */
const FILES_AGAIN = 5;
const project = fileURLToPath(new URL('../../', import.meta.url));
const filters = process.argv.slice(2);
const isWhole = filters.length === 0;

/** What the suites need beyond npm; where it cannot be installed the suites that need it fail and say the same. */
function installPrograms(): void {
  for (const name of ['sshd', 'chromium', 'prometheus-alertmanager'] as const) {
    try {
      needProgram(name);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
  }
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

async function runVitest(report: string, only = filters): Promise<number | null> {
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(isWhole && only === filters ? ['--coverage'] : []),
    ...only,
  ];
  const child = spawn(process.execPath, [vitest, ...args], { cwd: project, stdio: ['ignore', 'inherit', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done) => child.once('error', () => done(null)).once('exit', (code) => done(code)));
}

/** Prints the lines covered; whether they are enough. */
function checkCoverage(): boolean {
  const text = readText(join(project, 'coverage/coverage-summary.json'));
  const summary = z
    .object({ total: z.object({ lines: z.object({ pct: z.number(), covered: z.number(), total: z.number() }) }) })
    .safeParse(text && JSON.parse(text));
  if (!summary.success) {
    console.error('Coverage was not measured.');
    return false;
  }
  const { pct, covered, total } = summary.data.total.lines;
  console.log(`Coverage: ${pct} % of lines (${covered} of ${total}); at least ${COVERAGE_AT_LEAST} % are asked for.`);
  return pct >= COVERAGE_AT_LEAST;
}

// What a test of other accounts needs lies where not every shell looks.
process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
installPrograms();
const folder = mkdtempSync(join(tmpdir(), 'windlass-report-'));
let sums: Sums = { passed: 0, failed: 1 };
try {
  const report = join(folder, 'report.json');
  const exitCode = await runVitest(report);
  sums = sumsOf(readText(report), exitCode);
  const first = readText(report);
  const again = isWhole && process.env['CI'] ? failedFiles(first) : [];
  if (first !== undefined && again.length > 0 && again.length <= FILES_AGAIN) {
    // A test that failed has left its product half changed, and its retry there proves little. The whole file once
    // more, alone and on a product of its own, tells a fault from a moment's load; that it had to is said.
    console.log(`These files failed, and run once more by themselves:\n${again.join('\n')}`);
    const second = join(folder, 'second.json');
    const secondCode = await runVitest(second, again);
    sums = sumsWithSecond(first, readText(second), secondCode);
  }
  if (isWhole && !checkCoverage()) sums = { ...sums, failed: sums.failed + 1 };
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${sums.passed} passed, ${sums.failed} failed`);
process.exitCode = sums.failed === 0 ? 0 : 1;
