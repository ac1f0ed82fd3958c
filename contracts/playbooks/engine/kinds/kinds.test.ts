import { expect, test } from 'vitest';
import type { Playbook, Step } from '../../document.ts';
import { httpFailure, retryAfterMs } from '../http-expect.ts';
import { backoffMs, retryOf } from '../attempts.ts';
import { mayVote, tallyVotes, type Vote } from '../votes.ts';
import { replacing } from '../virtual/replacing.ts';
import { runVirtually } from '../virtual/run-virtually.ts';

const book = (steps: readonly object[], more: Partial<Playbook> = {}): Playbook => ({
  name: 'X',
  steps: steps as readonly Step[],
  ...more,
});
const get = (id: string, more: object = {}) => ({
  id,
  kind: 'http',
  method: 'GET',
  url: 'https://x.example.com',
  ...more,
});
const unreachable = { error: { code: 'http.unreachable' } };

test('a container’s timeout is of the whole: what runs in it is canceled, it has timed out itself', () => {
  const result = runVirtually({
    definition: book([
      {
        id: 'p',
        kind: 'parallel',
        timeout: '1m',
        branches: [
          [
            { id: 'a', kind: 'wait', for: '1h' },
            { id: 'b', kind: 'set', values: { x: 1 } },
          ],
          [{ id: 'c', kind: 'wait', for: '10s' }],
        ],
      },
    ]),
  });
  expect(result).toMatchObject({ status: 'failed', elapsedMs: 60_000, error: { code: 'step.timed_out', step: 'p' } });
  expect([
    result.steps['p']?.status,
    result.steps['a']?.status,
    result.steps['b']?.status,
    result.steps['c']?.status,
  ]).toEqual(['timed_out', 'canceled', 'canceled', 'succeeded']);
});

test('a container tried again runs all of it afresh, and is undone once', () => {
  const result = runVirtually({
    definition: book([
      {
        id: 'p',
        kind: 'parallel',
        retry: { attempts: 2, backoff: '2s' },
        branches: [[get('a', { undo: [{ id: 'ua', kind: 'set', values: { x: 1 } }] })], [get('b')]],
      },
      { id: 'f', kind: 'fail', message: 'no' },
    ]),
    mocks: { b: [unreachable] },
  });
  expect(result.order).toEqual(['p', 'a', 'b', 'a', 'b', 'ua']);
  expect(result).toMatchObject({ undo: { done: 1 }, elapsedMs: 2_000, error: { code: 'http.unreachable', step: 'b' } });
});

test('a container tried again runs its playbook afresh, as another execution', () => {
  const executions: number[] = [];
  const result = runVirtually(
    {
      definition: book([
        {
          id: 'p',
          kind: 'parallel',
          retry: { attempts: 2, backoff: '2s' },
          branches: [[{ id: 'c', kind: 'playbook', playbook: 'child' }], [get('b')]],
        },
      ]),
      playbooks: { child: book([{ id: 's', kind: 'set', values: { x: 1 } }]) },
      mocks: { b: [unreachable] },
    },
    {
      effects: replacing((effects) => ({
        startPlaybook: (request, cancel) => {
          executions.push(request.execution);
          return effects.startPlaybook(request, cancel);
        },
      })),
    },
  );
  expect(result.status).toBe('failed');
  expect(new Set(executions).size).toBe(2);
});

test('each: failFast cancels what runs once too many have failed, and counts say what became of all', () => {
  const result = runVirtually({
    definition: book([
      { id: 'e', kind: 'each', items: [1, 2, 3, 4, 5], parallel: 2, failFast: true, steps: [get('c')] },
    ]),
    mocks: { 'e[0].c': [{ ...unreachable, delay: '1s' }], 'e[1].c': [{ delay: '20s' }] },
  });
  expect(result.elapsedMs).toBe(1_000);
  expect(result.steps['e']?.output).toEqual({
    items: [null, null, null, null, null],
    succeeded: 0,
    failed: 1,
    skipped: 4,
  });
  expect([result.steps['e[1].c']?.status, result.steps['e[2].c']?.status]).toEqual(['canceled', 'skipped']);
});

test('each over a map gives key and value, over nothing succeeds at once, nested ones hide the outer item', () => {
  const result = runVirtually({
    definition: book(
      [
        {
          id: 'm',
          kind: 'each',
          items: { a: 1, b: 2 },
          steps: [{ id: 'x', kind: 'set', values: { t: '${{ item.key + string(item.value) }}' } }],
          collect: '${{ steps.x.output.t }}',
        },
        { id: 'n', kind: 'each', items: [], steps: [{ id: 'y', kind: 'set', values: { t: 1 } }] },
        {
          id: 'o',
          kind: 'each',
          items: ['p'],
          as: 'outer',
          steps: [
            {
              id: 'i',
              kind: 'each',
              items: ['q'],
              steps: [{ id: 'z', kind: 'set', values: { t: '${{ outer + item + string(outerIndex) }}' } }],
              collect: '${{ steps.z.output.t }}',
            },
          ],
          collect: '${{ steps.i.output.items[0] + item }}',
        },
      ],
      {
        outputs: {
          m: '${{ steps.m.output.items }}',
          n: '${{ steps.n.output.succeeded }}',
          o: '${{ steps.o.output.items }}',
        },
      },
    ),
  });
  expect(result.outputs).toEqual({ m: ['a1', 'b2'], n: 0, o: ['pq0p'] });
  expect(result.order).toContain('o[0].i[0].z');
});

test('a collect that cannot be evaluated makes its iteration a failed one, told at its field', () => {
  const result = runVirtually({
    definition: book([
      {
        id: 'e',
        kind: 'each',
        items: [1, 0],
        maxFailures: 1,
        collect: '${{ 4 / item }}',
        steps: [{ id: 's', kind: 'set', values: { x: 1 } }],
      },
    ]),
  });
  expect(result.steps['e']).toMatchObject({
    status: 'succeeded',
    output: { items: [4, null], succeeded: 1, failed: 1 },
  });
  const strict = runVirtually({
    definition: book([
      {
        id: 'e',
        kind: 'each',
        items: [0],
        collect: '${{ 4 / item }}',
        steps: [{ id: 's', kind: 'set', values: { x: 1 } }],
      },
    ]),
  });
  expect(strict.error).toMatchObject({ code: 'expression.failed', step: 'e', path: '/steps/0/collect' });
});

test('a mistake is told at its own field, also deep inside', () => {
  const result = runVirtually({
    definition: book([
      {
        id: 'i',
        kind: 'if',
        condition: 'true',
        // oxlint-disable-next-line unicorn/no-thenable -- a field of the language
        then: [{ id: 's', kind: 'set', values: { ok: 1, 'a/b': '${{ vars.none }}' } }],
      },
    ]),
  });
  expect(result.error).toMatchObject({
    code: 'expression.failed',
    step: 's',
    path: '/steps/0/then/0/values/a~1b',
    retryable: false,
  });
});

test('assert fails with its own sentence and says which', () => {
  const result = runVirtually({
    definition: book([
      { id: 'a', kind: 'assert', that: ['true', { that: '2 < 1', message: 'two is less' }], message: 'other' },
    ]),
  });
  expect(result.error).toMatchObject({
    code: 'assertion.failed',
    message: 'two is less',
    path: '/steps/0/that/1/that',
    details: { index: 1 },
  });
});

test('a wait until a past instant ends at once, and tells how long it waited', () => {
  const result = runVirtually({
    definition: book([
      { id: 'p', kind: 'wait', until: '2020-01-01T00:00:00Z' },
      { id: 'w', kind: 'wait', for: '90s' },
      { id: 'x', kind: 'wait', until: 'soon' },
    ]),
  });
  expect([result.steps['p']?.output, result.steps['w']?.output]).toEqual([{ waitedMs: 0 }, { waitedMs: 90_000 }]);
  expect(result.error).toMatchObject({ code: 'value.wrong_type', step: 'x', path: '/steps/2/until' });
});

test('a child that fails gives its code, its run and whether a retry may help; a cancel reaches it and its undo', () => {
  const child = book([get('c', { undo: [{ id: 'uc', kind: 'set', values: { x: 1 } }] }), get('d')]);
  const failing = runVirtually({
    definition: book([{ id: 'p', kind: 'playbook', playbook: 'Child', retry: { attempts: 2, backoff: '1s' } }]),
    playbooks: { Child: child },
    mocks: { 'p/d': [unreachable] },
  });
  expect(failing.error).toMatchObject({ code: 'http.unreachable', step: 'p', retryable: true, attempt: 2 });
  expect(failing.error?.details?.['runId']).toMatch(/^0{8}-/);
  const canceled = runVirtually({
    definition: book([{ id: 'p', kind: 'playbook', playbook: 'Child' }]),
    playbooks: { Child: child },
    mocks: { 'p/d': [{ delay: '1h' }] },
    cancelAt: '20s',
  });
  expect(canceled).toMatchObject({ status: 'canceled', elapsedMs: 20_000 });
  expect(canceled.steps['p']?.status).toBe('canceled');
});

test('calls nest five deep at most', () => {
  const result = runVirtually({
    definition: book([{ id: 'p', kind: 'playbook', playbook: 'Self' }]),
    playbooks: { Self: book([{ id: 'q', kind: 'playbook', playbook: 'Self' }]) },
  });
  expect(result.error).toMatchObject({ code: 'limit.exceeded', step: 'p' });
});

test('a sensitive output is a secret to expressions, not in the journal, and is sealed where the engine made it', () => {
  const sealed: unknown[] = [];
  const result = runVirtually(
    {
      definition: book([
        { id: 's', kind: 'set', values: { pw: 'hush-hush' }, sensitive: true },
        get('h', { headers: { A: '${{ steps.s.output.pw }}' } }),
        { id: 'bad', kind: 'set', values: { x: '${{ steps.s.output.pw }}' } },
      ]),
    },
    {
      effects: replacing((inner) => ({
        seal: (request) => void sealed.push(request),
        http: (request, cancel) => {
          sealed.push(request.headers);
          return inner.http(request, cancel);
        },
      })),
    },
  );
  expect(sealed).toEqual([
    { address: 's', sealed: 'steps.s', output: { pw: 'hush-hush' } },
    { A: { $secret: 'steps.s.output', path: ['pw'] } },
  ]);
  expect(result.error).toMatchObject({ code: 'secret.misplaced', step: 'bad' });
  expect(JSON.stringify(result.changes)).not.toContain('hush-hush');
});

test('an output too large is only told to be so; all values of a run have a limit', () => {
  const big = 'x'.repeat(200_000);
  const one = runVirtually({
    definition: book([get('a')], { outputs: { t: '${{ steps.a.output.truncated }}' } }),
    mocks: { a: [{ output: { x: big + big } }] },
  });
  expect(one.outputs).toEqual({ t: true });
  const many = runVirtually({
    definition: book([
      { id: 'e', kind: 'each', items: Array.from({ length: 30 }, (_, index) => index), steps: [get('a')] },
    ]),
    mocks: { a: [{ output: { x: big } }] },
  });
  expect(many.error).toMatchObject({ code: 'limit.exceeded', step: 'e[20].a', details: { limit: 'runValuesBytes' } });
  const outputs = runVirtually({
    definition: book([get('a')], { outputs: { x: '${{ steps.a.output.x }}' } }),
    mocks: { a: [{ output: { x: big } }] },
  });
  expect(outputs.error).toMatchObject({ code: 'limit.exceeded', path: '/outputs' });
});

test('Retry-After is heeded where it is longer than the backoff', () => {
  let calls = 0;
  const result = runVirtually(
    { definition: book([get('a', { retry: { attempts: 2, backoff: '1s' } })]) },
    {
      effects: replacing(() => ({
        http: () =>
          calls++ === 0
            ? {
                kind: 'error',
                error: { code: 'http.unexpected_status', message: '', details: { status: 503 }, retryAfterMs: 40_000 },
              }
            : { kind: 'ok', output: {} },
      })),
    },
  );
  expect(result).toMatchObject({ status: 'succeeded', elapsedMs: 40_000 });
  const final = runVirtually({
    definition: book([get('a', { retry: { attempts: 3 } })]),
    mocks: { a: [{ error: { code: 'http.unexpected_status', details: { status: 404 } } }] },
  });
  expect(final.steps['a']).toMatchObject({ attempts: 1, error: { retryable: false } });
});

test('backoff grows by its factor to its most; jitter takes up to half of it', () => {
  const plan = retryOf({ attempts: 9, backoff: '2s', factor: 3, max: '1m' });
  expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(plan, attempt, () => 0))).toEqual([
    2_000, 6_000, 18_000, 54_000, 60_000,
  ]);
  expect([0, 0.5, 1].map((random) => backoffMs({ ...plan, jitter: true }, 1, () => random))).toEqual([
    1_000, 1_500, 2_000,
  ]);
});

test('an http answer is held against its expectation', () => {
  const answer = (status: number, body: object = {}) => ({ status, headers: {}, body: body as never });
  expect(httpFailure(answer(204), { status: ['2xx'], json: null })).toBeNull();
  expect(httpFailure(answer(404), { status: [204, '404'], json: null })).toBeNull();
  expect(httpFailure(answer(503), { status: ['2xx'], json: null }, 1_000)).toMatchObject({
    code: 'http.unexpected_status',
    details: { status: 503 },
    retryAfterMs: 1_000,
  });
  expect(
    httpFailure(answer(200, { ok: true }), { status: ['2xx'], json: 'response.body.ok && response.status == 200' }),
  ).toBeNull();
  expect(httpFailure(answer(200, { ok: false }), { status: ['2xx'], json: 'response.body.ok' })).toMatchObject({
    code: 'http.unexpected_status',
    retryable: false,
  });
  expect(httpFailure(answer(200), { status: ['2xx'], json: 'response.body.ok' })).toMatchObject({
    code: 'expression.failed',
  });
  expect([
    retryAfterMs('7', 0),
    retryAfterMs('Thu, 01 Jan 1970 00:00:09 GMT', 4_000),
    retryAfterMs('soon', 0),
    retryAfterMs(undefined, 0),
  ]).toEqual([7_000, 5_000, undefined, undefined]);
});

test('votes: each person counts once, the starter not where told, one rejection decides', () => {
  const vote = (userId: string, decision: Vote['decision'] = 'approved'): Vote => ({
    userId,
    name: userId,
    decision,
    reason: null,
    form: null,
  });
  const rules = { quorum: 2, notStarter: true, starterId: 'me' };
  expect(tallyVotes([vote('a'), vote('a'), vote('me')], rules)).toEqual({ decided: false, approvals: 1 });
  expect(tallyVotes([vote('a'), vote('b')], rules)).toMatchObject({
    decided: true,
    decision: 'approved',
    by: ['a', 'b'],
  });
  expect(tallyVotes([vote('a'), vote('b', 'rejected'), vote('c')], rules)).toMatchObject({
    decision: 'rejected',
    by: ['b'],
  });
  expect([mayVote('me', [], rules), mayVote('a', [vote('a')], rules), mayVote('b', [vote('a')], rules)]).toEqual([
    'is_starter',
    'has_voted',
    'yes',
  ]);
});
