import { z } from 'zod';

export interface Sums {
  readonly passed: number;
  readonly failed: number;
}

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string().optional(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

/**
 * The true sums of a run from vitest's JSON report. What fails without a failed test counts as one failure each: a file
 * that broke before its tests, a run that crashed, an error outside any test.
 */
export function sumsOf(report: string | undefined, exitCode: number | null): Sums {
  const parsed = Report.safeParse(parseJson(report));
  if (!parsed.success) return { passed: 0, failed: 1 };
  const files = parsed.data.testResults;
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failedTests = tests.filter(({ status }) => status === 'failed').length;
  const brokenFiles = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  ).length;
  const failed = failedTests + brokenFiles;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

/** The files of a report in which something failed, by their paths. */
export function failedFiles(report: string | undefined): string[] {
  const files = Report.safeParse(parseJson(report)).data?.testResults ?? [];
  return files.flatMap(({ name, status }) => (status === 'failed' && name !== undefined ? [name] : []));
}

/**
 * A run's sums once its failed files have run again: what they said first no longer counts, what they say now does.
 * A second run that does not tell of each of those files changes nothing.
 */
export function sumsWithSecond(first: string, second: string | undefined, exitCode: number | null): Sums {
  const files = Report.parse(parseJson(first)).testResults;
  const again = Report.safeParse(parseJson(second)).data?.testResults ?? [];
  const failed = failedFiles(first);
  if (!failed.every((name) => again.some((file) => file.name === name))) return sumsOf(first, 1);
  const kept = files.filter(({ status }) => status !== 'failed');
  return sumsOf(JSON.stringify({ testResults: [...kept, ...again] }), exitCode);
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
