import { expect, test } from 'vitest';
import type { Playbook, Step } from '../document.ts';
import { planRerun, type PreviousStep } from './rerun.ts';
import { runVirtually } from './virtual/run-virtually.ts';

const book = (steps: readonly Step[], more: Partial<Playbook> = {}): Playbook => ({ name: 'X', steps, ...more });
const set = (id: string, value: unknown = 1, more: object = {}): Step =>
  ({ id, kind: 'set', values: { x: value }, ...more }) as Step;
const each = (id: string, steps: readonly Step[], more: object = {}): Step =>
  ({ id, kind: 'each', items: ['a', 'b', 'c', 'd'], steps, ...more }) as Step;
const parallel = (id: string, branches: readonly (readonly Step[])[]): Step =>
  ({ id, kind: 'parallel', branches }) as Step;
const good = (output: PreviousStep['output'] = { x: 1 }): PreviousStep => ({ status: 'succeeded', output });
const failed: PreviousStep = { status: 'failed' };

test('from inside an each: iterations that succeeded are taken over, the chosen one goes on where it was, the rest runs', () => {
  const steps = [
    set('top', 10),
    each('e', [set('one', '${{ item }}'), set('copy', '${{ steps.one.output.x + string(steps.top.output.x) }}')], {
      collect: '${{ steps.copy.output.x }}',
    }),
  ];
  const result = runVirtually({
    definition: book(steps, { outputs: { all: '${{ steps.e.output.items }}' } }),
    rerun: {
      fromStep: 'e[2].copy',
      previous: {
        top: good({ x: 7 }),
        e: failed,
        'e[0].one': good(), 'e[0].copy': good({ x: 'A' }),
        'e[1].one': good(), 'e[1].copy': good({ x: 'B' }),
        'e[2].one': good({ x: 'C' }), 'e[2].copy': failed,
        'e[3].one': { status: 'skipped' }, 'e[3].copy': failed,
      },
    },
  }); // prettier-ignore
  expect(result.outputs).toEqual({ all: ['A', 'B', 'C7', 'd7'] });
  expect(result.order).toEqual(['e', 'e[2].copy', 'e[3].one', 'e[3].copy']);
  expect(result.steps['e[2].one']).toMatchObject({ carried: true, attempts: 0 });
});

test('a branch that succeeded beside the failed one is taken over, whichever comes first', () => {
  const steps = [
    parallel('p', [[set('a'), set('b', '${{ steps.a.output.x + 1 }}')], [set('c'), set('d')], [set('f')]]),
  ];
  const previous = { p: failed, a: good({ x: 4 }), b: failed, c: good(), d: good(), f: failed };
  const result = runVirtually({ definition: book(steps), rerun: { fromStep: 'b', previous } });
  expect(result.order).toEqual(['p', 'b', 'f']);
  expect(result.steps['b']?.output).toEqual({ x: 5 });
  const later = runVirtually({ definition: book(steps), rerun: { fromStep: 'f', previous } });
  expect(later.order).toEqual(['p', 'b', 'f']);
});

test('without a step it begins at the first that failed for good, or else was stopped', () => {
  const definition = book([set('a', 1, { continueOnError: true }), each('e', [set('b')]), set('c')]);
  const previous = { a: failed, e: failed, 'e[0].b': good(), 'e[1].b': failed, c: { status: 'skipped' as const } };
  expect(planRerun({ definition, previous })).toMatchObject({
    ok: true,
    fromStep: 'e[1].b',
    carried: { steps: { a: { status: 'failed' }, 'e[0].b': {} } },
  });
  const stopped = {
    a: good(),
    e: { status: 'canceled' as const },
    'e[0].b': { status: 'canceled' as const },
    c: { status: 'canceled' as const },
  };
  expect(planRerun({ definition, previous: stopped })).toMatchObject({ ok: true, fromStep: 'e[0].b' });
  expect(planRerun({ definition, previous: { a: good(), e: good({}), c: good() } })).toMatchObject({
    ok: false,
    refusal: { code: 'rerun.nothing_failed' },
  });
});

test('after a crash it begins where nothing was written, or at the loop that was at work', () => {
  const definition = book([set('a'), each('e', [set('b')]), set('c')]);
  const crashed = (previous: Record<string, PreviousStep>) => planRerun({ definition, previous });
  expect(crashed({ a: good(), e: good({}), 'e[0].b': good() })).toMatchObject({ ok: true, fromStep: 'c' });
  expect(crashed({ a: { status: 'running' } })).toMatchObject({ ok: true, fromStep: 'a' });
  const inLoop = { a: good(), e: { status: 'running' as const }, 'e[0].b': good(), c: { status: 'skipped' as const } };
  expect(crashed(inLoop)).toMatchObject({ ok: true, fromStep: 'e', carried: { steps: { a: {} } } });
});

test('a step that was undone cannot be taken over, and the earliest allowed is named', () => {
  const definition = book([set('a'), set('b', 1, { undo: [set('ub')] }), parallel('p', [[set('c')], [set('d')]])]);
  const previous = {
    a: good(),
    b: { ...good(), undo: 'done' as const },
    p: failed,
    c: { ...good(), undo: 'failed' as const },
    d: failed,
  };
  expect(planRerun({ definition, previous, fromStep: 'd' })).toMatchObject({
    ok: false,
    refusal: { code: 'rerun.step_undone', earliest: 'b' },
  });
  expect(planRerun({ definition, previous, fromStep: 'b' }).ok).toBe(true);
  const beside = planRerun({ definition, previous: { ...previous, b: good() }, fromStep: 'c' });
  expect(beside).toMatchObject({ ok: true });
});

test('an undone branch behind the start is not taken over but run again', () => {
  const definition = book([parallel('p', [[set('c')], [set('d')]])]);
  const plan = planRerun({
    definition,
    previous: { p: failed, c: failed, d: { ...good(), undo: 'done' } },
    fromStep: 'c',
  });
  expect(plan).toMatchObject({ ok: true, carried: { steps: {} } });
});

test('another version must still have what would be taken over, before the start', () => {
  const previousDefinition = book([set('a'), set('b'), set('c')]);
  const previous = { a: good(), b: good(), c: failed };
  const rerun = (steps: readonly Step[], fromStep = 'c') =>
    planRerun({ definition: book(steps), previousDefinition, previous, fromStep });
  expect(rerun([set('a'), set('b', 2), set('new'), set('c')]).ok).toBe(true);
  expect(rerun([set('a'), set('c')])).toMatchObject({ refusal: { code: 'rerun.step_missing' } });
  expect(rerun([set('a'), set('c'), set('b')])).toMatchObject({ refusal: { code: 'rerun.step_missing' } });
  expect(rerun([set('a'), set('b')])).toMatchObject({ refusal: { code: 'rerun.step_missing' } });
});

test('it cannot begin in an undo or in finally, nor in an iteration that the address does not name', () => {
  const definition = book([set('a', 1, { undo: [set('ua')] }), each('e', [set('b')])], { finally: [set('f')] });
  for (const fromStep of ['ua', 'f', 'b', 'a[0].b', 'nowhere']) {
    expect(planRerun({ definition, previous: { a: good() }, fromStep })).toMatchObject({
      refusal: { code: 'rerun.step_missing' },
    });
  }
});

test('a step that failed and was passed over by hand is taken over as it is and hinders nobody', () => {
  const result = runVirtually({
    definition: book([set('a'), set('b')]),
    rerun: { fromStep: 'b', previous: { a: { status: 'failed', error: { code: 'x.y' } } } },
  });
  expect(result.status).toBe('succeeded');
  expect(result.steps['a']).toMatchObject({ status: 'failed', carried: true, error: { code: 'x.y' } });
});

test('what was carried is not undone by the new run', () => {
  const result = runVirtually({
    definition: book([
      set('a', 1, { undo: [set('ua')] }),
      set('b', 1, { undo: [set('ub')] }),
      { id: 'c', kind: 'fail', message: 'no' },
    ]),
    rerun: { fromStep: 'b', previous: { a: good() } },
  });
  expect(result).toMatchObject({ status: 'failed', undo: { done: 1 } });
  expect(result.order).toEqual(['b', 'c', 'ub']);
});

test('failed hosts only: a step that runs on none is refused', () => {
  expect(planRerun({ definition: book([set('a')]), previous: { a: failed }, hosts: 'failed' })).toMatchObject({
    refusal: { code: 'rerun.not_on_hosts' },
  });
});
