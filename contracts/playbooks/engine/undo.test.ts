import { expect, test } from 'vitest';
import type { Playbook, Step } from '../document.ts';
import { runVirtually } from './virtual/run-virtually.ts';

const book = (steps: readonly Step[], more: Partial<Playbook> = {}): Playbook => ({ name: 'X', steps, ...more });
const set = (id: string, more: object = {}): Step => ({ id, kind: 'set', values: { x: 1 }, ...more }) as Step;
const wait = (id: string, time: string, more: object = {}): Step => ({ id, kind: 'wait', for: time, ...more }) as Step;
const fail = (id: string): Step => ({ id, kind: 'fail', message: 'no' });

test('a second cancel stops the undo, what was left is skipped, and finally still runs', () => {
  const result = runVirtually(
    {
      definition: book(
        [set('a', { undo: [set('ua')] }), set('b', { undo: [wait('ub', '10m'), set('ub2')] }), wait('w', '1h')],
        { undoOn: ['canceled'], finally: [set('bye')] },
      ),
    },
    { at: { '1m': (engine) => engine.cancel(), '2m': (engine) => engine.cancel() } },
  );
  expect(result).toMatchObject({ status: 'canceled', undo: { done: 0, failed: 0, skipped: 2 }, elapsedMs: 120_000 });
  expect(result.steps['ub']?.status).toBe('canceled');
  expect(result.steps['ub2']?.status).toBe('canceled');
  expect(result.order).toEqual(['a', 'b', 'w', 'ub', 'bye']);
});

test('who cancels may ask for undo, or against it, whatever undoOn says', () => {
  const definition = book([set('a', { undo: [set('ua')] }), wait('w', '1h')]);
  const asked = runVirtually({ definition }, { at: { '1m': (engine) => engine.cancel({ undo: true, by: 'Ana' }) } });
  expect(asked).toMatchObject({
    status: 'canceled',
    undo: { done: 1 },
    error: { code: 'run.canceled', message: 'The run was canceled by Ana.' },
  });
  const against = runVirtually(
    { definition: { ...definition, undoOn: ['canceled'] } },
    { at: { '1m': (engine) => engine.cancel({ undo: false }) } },
  );
  expect(against.undo).toBeNull();
});

test('before the first undo the journal says what will be undone, the last completed first', () => {
  const { changes } = runVirtually({
    definition: book([
      {
        id: 'c',
        kind: 'if',
        condition: 'true',
        // oxlint-disable-next-line unicorn/no-thenable -- a field of the language
        then: [set('a', { undo: [set('ua')] }), set('b', { undo: [set('ub')] })],
        undo: [set('uc')],
      } as Step,
      fail('f'),
    ]),
  });
  const types = changes.map(({ type }) => type);
  const announced = changes.find(({ type }) => type === 'undo.announced');
  expect(announced).toMatchObject({ addresses: ['c', 'b', 'a'] });
  expect(types.indexOf('undo.announced')).toBeLessThan(types.indexOf('step.undone'));
});

test('an undo inside an each sees its own item and results', () => {
  const result = runVirtually({
    definition: book([
      {
        id: 'e',
        kind: 'each',
        items: ['x', 'y'],
        as: 'name',
        steps: [
          set('mk', {
            values: { n: '${{ name }}-${{ nameIndex }}' },
            undo: [set('rm', { values: { gone: '${{ name + steps.mk.output.n + run.error.code }}' } })],
          }),
        ],
      } as Step,
      fail('f'),
    ]),
  });
  expect(result.order).toEqual(['e', 'e[0].mk', 'e[1].mk', 'f', 'e[1].rm', 'e[0].rm']);
  expect(result.steps['e[0].rm']?.output).toEqual({ gone: 'xx-0run.failed_by_step' });
});

test('undoWhen started also undoes what was canceled after it began, not what never began', () => {
  const started = { undoWhen: 'started' };
  const result = runVirtually({
    definition: book(
      [wait('w', '1h', { ...started, undo: [set('uw')] }), set('later', { ...started, undo: [set('ul')] })],
      { undoOn: ['canceled'] },
    ),
    cancelAt: '5m',
  });
  expect(result.undo).toEqual({ done: 1, failed: 0, skipped: 0 });
  expect(result.steps['w']).toMatchObject({ status: 'canceled', undo: 'done' });
  expect(result.steps['later']).toMatchObject({ status: 'canceled', undo: null, attempts: 0 });
});

test('an approval in an undo is a stop point: rejected, its list goes no further and the next goes on', () => {
  const result = runVirtually({
    definition: book([
      set('a', { undo: [set('ua')] }),
      set('b', { undo: [{ id: 'sure', kind: 'approve', roles: ['owner'] }, set('ub')] }),
      fail('f'),
    ]),
    mocks: { sure: [{ output: { decision: 'rejected', by: ['ana'] }, delay: '1h' }] },
  });
  expect(result.undo).toEqual({ done: 1, failed: 1, skipped: 0 });
  expect(result.steps['ub']).toMatchObject({ status: 'skipped', reason: 'earlier_failure' });
  expect(result.elapsedMs).toBe(3_600_000);
});

test('an undo whose steps all stay out by their conditions was skipped', () => {
  const result = runVirtually({ definition: book([set('a', { undo: [set('ua', { if: 'false' })] }), fail('f')]) });
  expect(result.undo).toEqual({ done: 0, failed: 0, skipped: 1 });
});

test('finally has ten minutes, is deaf to a cancel, and what it cannot finish is a warning', () => {
  const result = runVirtually(
    {
      definition: book([set('a')], {
        finally: [wait('long', '1h'), set('never')],
        outputs: { x: '${{ steps.a.output.x }}' },
      }),
    },
    { at: { '1m': (engine) => engine.cancel() } },
  );
  expect(result).toMatchObject({ status: 'succeeded', warnings: 1, elapsedMs: 600_000, outputs: { x: 1 } });
  expect(result.steps['long']?.status).toBe('canceled');
  expect(result.steps['never']?.status).toBe('canceled');
});

test('the run’s timeout reaches into a running each and cancels what had not begun', () => {
  const result = runVirtually({
    definition: book(
      [
        { id: 'e', kind: 'each', items: [1, 2, 3], steps: [wait('w', '40m'), set('s', { undo: [set('us')] })] } as Step,
        set('z'),
      ],
      { timeout: '1h' },
    ),
  });
  expect(result).toMatchObject({
    status: 'timed_out',
    error: { code: 'run.timed_out' },
    undo: { done: 1 },
    elapsedMs: 3_600_000,
  });
  expect(
    Object.fromEntries(Object.entries(result.steps).map(([address, { status }]) => [address, status])),
  ).toMatchObject({
    e: 'canceled',
    'e[0].w': 'succeeded',
    'e[1].w': 'canceled',
    'e[1].s': 'canceled',
    'e[2].w': 'canceled',
    z: 'canceled',
  });
});

test('onFailure runs once, sees the error, and a failure in it is only noted beside it', () => {
  const result = runVirtually({
    definition: book([
      {
        id: 'a',
        kind: 'http',
        method: 'GET',
        url: 'https://x.example.com',
        retry: { attempts: 2 },
        onFailure: [set('seen', { values: { c: '${{ error.code }} ${{ steps.a.status }}' } }), fail('worse')],
      } as Step,
    ]),
    mocks: { a: [{ error: { code: 'http.unreachable' } }] },
  });
  expect(result.order).toEqual(['a', 'seen', 'worse']);
  expect(result.steps['seen']?.output).toEqual({ c: 'http.unreachable failed' });
  expect(result.error).toMatchObject({
    code: 'http.unreachable',
    step: 'a',
    attempt: 2,
    suppressed: [{ code: 'run.failed_by_step', step: 'worse' }],
  });
});
