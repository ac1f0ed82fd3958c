import type { z } from 'zod';
import { PlaybookTestCase } from '#contracts/playbooks/engine/virtual/test-case.ts';
import type { PlaybookTest } from '#contracts/playbooks/playbooks.ts';
import { readYaml, writeYaml } from '#contracts/playbooks/yaml.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import type { Reading } from '../document/read-playbook.ts';

export type Test = z.output<typeof PlaybookTest>;

const runsForReal = new Set(['set', 'assert', 'if', 'switch', 'each', 'parallel', 'wait', 'fail', 'playbook']);

/** What a first test says: every step answers well, and the run succeeds. */
export function firstTest(reading: Reading, taken: readonly string[]): Test {
  let name = 'All goes well';
  for (let count = 2; taken.includes(name); count += 1) name = `All goes well ${count}`;
  const mocked = reading.steps.filter(
    ({ kind, section, id }) => section === 'steps' && id !== '' && !runsForReal.has(kind),
  );
  const mocks = mocked.map(({ id, kind }): [string, Json] => [
    id,
    [kind === 'approve' ? { output: { decision: 'approved', by: ['mara@example.org'] }, delay: '5m' } : { output: {} }],
  ]);
  const inputs = reading.inputs.filter(({ required, default: given }) => required && given === undefined);
  return {
    name,
    servers: [{ name: 'web-1', tags: ['web'] }],
    ...(inputs.length > 0 && { inputs: Object.fromEntries(inputs.map((input) => [input.name, null])) }),
    ...(mocks.length > 0 && { mocks: Object.fromEntries(mocks) }),
    expect: { status: 'succeeded' },
  };
}

export const testText = (test: Test): string => writeYaml(test as Json);

/** A test out of its text, or why it is none. */
export function readTest(text: string): { test: Test } | { problem: string } {
  const read = readYaml(text);
  if (!read.ok) return { problem: read.errors[0]?.message ?? 'This is no YAML.' };
  const parsed = PlaybookTestCase.safeParse(read.value);
  if (parsed.success) return { test: read.value as unknown as Test };
  const [issue] = parsed.error.issues;
  return { problem: issue ? `${issue.path.join('/') || 'The test'}: ${issue.message}` : 'This is no test.' };
}
