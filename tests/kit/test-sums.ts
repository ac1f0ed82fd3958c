import { z } from 'zod';

export interface Sums {
  readonly passed: number;
  readonly failed: number;
}

const Report = z.object({
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
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

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
