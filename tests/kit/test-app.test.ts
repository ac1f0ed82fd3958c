import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkAnswer, routeOf } from './check-answer.ts';
import { startTestApp, type TestApp } from './test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false });
});
afterAll(() => app?.close());

test('a playbook of cheap steps runs from the call to its outputs', async () => {
  const definition = {
    name: 'Sum',
    inputs: [{ name: 'x', type: 'integer' }],
    steps: [{ id: 'a', kind: 'set', values: { y: '${{ inputs.x + 1 }}' } }],
    outputs: { y: '${{ steps.a.output.y }}' },
  };
  const { id } = await app.ok('POST', '/playbooks', { definition });
  const { runId } = await app.ok('POST', `/playbooks/${id}/runs`, { inputs: { x: 41 } });
  const run = await app.untilRun(runId);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { y: 42 } });
});

test('a route is found by its address, the fixed word before the parameter', () => {
  expect(routeOf('GET', '/runs/histogram')?.operationId).toBe('runHistogram');
  expect(routeOf('GET', '/runs/0190?x=1')?.operationId).toBe('getRun');
  expect(routeOf('PUT', '/runs')).toBeUndefined();
});

test('an answer with a field too many, a wrong status or an unknown code is told', () => {
  const counts = { counts: {}, limit: 1 };
  checkAnswer('GET', '/runs/counts', { status: 200, body: counts });
  expect(() => checkAnswer('GET', '/runs/counts', { status: 200, body: { ...counts, more: 1 } })).toThrow(
    /does not name/,
  );
  expect(() => checkAnswer('GET', '/runs/counts', { status: 201, body: counts })).toThrow(/promises 200/);
  const refusal = { error: 'request.not_found', message: 'x', statusCode: 404, requestId: 'r' };
  checkAnswer('GET', '/runs/counts', { status: 404, body: refusal });
  expect(() => checkAnswer('GET', '/runs/counts', { status: 404, body: { ...refusal, error: 'x.y' } })).toThrow(
    /not known/,
  );
});
