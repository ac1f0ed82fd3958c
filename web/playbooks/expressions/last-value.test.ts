import { expect, test } from 'vitest';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { lastValue } from './last-value.ts';
import { scopeOfRun } from './run-scope.ts';

const step = (id: string, output: unknown, address = id) => ({
  id,
  address,
  status: 'succeeded',
  output,
  error: null,
  attempts: [{}],
  startedAt: null,
  endedAt: null,
});
const run = {
  id: 'r', title: 'Roll', trigger: 'user', actor: { name: 'Mara' }, inputs: { release: '2.1' }, subject: null, createdAt: '2026-11-21T10:00:00Z',
  startedAt: null, endedAt: null, steps: [step('check', { status: 200, body: { free: 12 } }), step('copy', { n: 1 }, 'each[0].copy')],
} as unknown as RunDetail; // prettier-ignore
const scope = scopeOfRun(run);

test('an expression is shown with what it would have given in the last run', () => {
  expect(lastValue('steps.check.output.status == 200 && inputs.release == "2.1"', scope)).toBe('true');
  expect(lastValue('${{ steps.check.output.body }}', scope)).toBe('{"free":12}');
  expect(lastValue('steps.check.output.body.free * 2', scope)).toBe('24');
});

test('where the last run does not tell, or nothing of a run is read, there is no value', () => {
  for (const source of [
    'steps.copy.output.n',
    'inputs.release == vars.latest',
    'host.name + inputs.release',
    '1 + 1',
    'steps.',
  ])
    expect(lastValue(source, scope)).toBeUndefined();
  expect(lastValue('steps.check.output', undefined)).toBeUndefined();
});

test('a long value is cut', () => {
  const long = scopeOfRun({ ...run, inputs: { text: 'x'.repeat(500) } });
  expect(lastValue('inputs.text', long)).toHaveLength(91);
});
