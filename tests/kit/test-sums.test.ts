import { expect, test } from 'vitest';
import { sumsOf } from './test-sums.ts';

const report = (...files: [status: string, ...tests: string[]][]): string =>
  JSON.stringify({
    testResults: files.map(([status, ...tests]) => ({
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  });

test.each([
  ['all pass', report(['passed', 'passed', 'passed'], ['passed', 'passed']), 0, { passed: 3, failed: 0 }],
  ['a failed test counts once, not its file too', report(['failed', 'passed', 'failed']), 1, { passed: 1, failed: 1 }],
  ['a file that breaks before its tests counts', report(['failed'], ['passed', 'passed']), 1, { passed: 1, failed: 1 }],
  ['a file whose after-hook breaks counts', report(['failed', 'passed']), 1, { passed: 1, failed: 1 }],
  ['an error outside any test counts', report(['passed', 'passed']), 1, { passed: 1, failed: 1 }],
  ['a killed run counts', report(['passed', 'passed']), null, { passed: 1, failed: 1 }],
  ['a run without a report is a failure', undefined, 0, { passed: 0, failed: 1 }],
  ['a broken report is a failure', '{', 0, { passed: 0, failed: 1 }],
] as const)('%s', (_title, text, exitCode, sums) => {
  expect(sumsOf(text, exitCode)).toEqual(sums);
});
