import { expect, test } from 'vitest';
import { failedFiles, sumsOf, sumsWithSecond } from './test-sums.ts';

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

const named = (...files: [name: string, status: string, ...tests: string[]][]): string =>
  JSON.stringify({
    testResults: files.map(([name, status, ...tests]) => ({
      name,
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  });
const first = named(['a', 'passed', 'passed', 'passed'], ['b', 'failed', 'passed', 'failed'], ['c', 'failed']);

test('the files that failed are told by their paths; a report that says nothing has none', () => {
  expect(failedFiles(first)).toEqual(['b', 'c']);
  expect(failedFiles('{')).toEqual([]);
});

test.each([
  ['what passes the second time passes', named(['b', 'passed', 'passed', 'passed'], ['c', 'passed', 'passed']), 0, { passed: 5, failed: 0 }],
  ['what fails again fails', named(['b', 'failed', 'passed', 'failed'], ['c', 'passed', 'passed']), 1, { passed: 4, failed: 1 }],
  ['a file that did not come again still fails', named(['b', 'passed', 'passed', 'passed']), 0, { passed: 3, failed: 2 }],
  ['a second run without a report changes nothing', undefined, 0, { passed: 3, failed: 2 }],
  ['an error outside any test counts the second time too', named(['b', 'passed', 'passed'], ['c', 'passed']), 1, { passed: 3, failed: 1 }],
] as const)('files again: %s', (_title, second, exitCode, sums) => {
  expect(sumsWithSecond(first, second, exitCode)).toEqual(sums);
}); // prettier-ignore
