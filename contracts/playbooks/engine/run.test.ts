import { expect, test } from 'vitest';
import type { Playbook, Step } from '../document.ts';
import type { Effects, HostReply, OutcomeAnswer } from './effects.ts';
import { startEngine } from './run.ts';
import { Later } from './virtual/clock.ts';
import { replacing } from './virtual/replacing.ts';
import { runVirtually, type VirtualCase, type VirtualHooks } from './virtual/run-virtually.ts';
import type { VirtualEffects } from './virtual/virtual-effects.ts';

const book = (steps: readonly Step[], more: Partial<Playbook> = {}): Playbook => ({ name: 'X', steps, ...more });
const set = (id: string, more: object = {}): Step => ({ id, kind: 'set', values: { x: 1 }, ...more }) as Step;
const http = (id: string, more: object = {}): Step =>
  ({ id, kind: 'http', method: 'POST', url: 'https://x.example.com', ...more }) as Step;
const ssh = (id: string, more: object = {}): Step =>
  ({ id, kind: 'ssh', hosts: { tags: ['w'] }, command: 'c', ...more }) as Step;
const servers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `h${index + 1}`, tags: ['w'] }));
const run = (given: VirtualCase, hooks: VirtualHooks = {}) => runVirtually(given, hooks);

test('steps that need nothing from outside set no timer and end in the call that begins them', () => {
  const asked: string[] = [];
  const steps = Array.from({ length: 40 }, (_, index) => set(`s${index}`));
  const result = run(
    { definition: book(steps) },
    {
      effects: (inner) =>
        new Proxy(inner, {
          get: (target, name) => {
            asked.push(String(name));
            const value: unknown = target[name as keyof VirtualEffects];
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        }),
    },
  );
  expect(result.status).toBe('succeeded');
  expect(new Set(asked)).toEqual(new Set(['enter', 'now', 'record', 'idle']));
});

test('what happens at one instant happens in document order, however deep it is', () => {
  const result = run({
    definition: book([
      {
        id: 'p',
        kind: 'parallel',
        branches: [
          [http('a'), set('b'), { id: 'q', kind: 'parallel', branches: [[http('c'), set('d')], [set('e')]] }],
          [set('f'), http('g'), set('h')],
        ],
      },
    ]),
    mocks: { a: [{ output: {}, delay: '5s' }], g: [{ output: {}, delay: '5s' }] },
  });
  expect(result.order).toEqual(['p', 'a', 'f', 'g', 'b', 'q', 'c', 'd', 'e', 'h']);
});

test('a lock lets so many in, first come first served, and is given back when a step fails', () => {
  const lock = { name: "db-${{ 'x' }}", limit: 1 };
  const result = run({
    definition: book([
      { id: 'p', kind: 'parallel', branches: ['a', 'b', 'c'].map((id) => [http(id, { lock, continueOnError: true })]) },
    ]),
    mocks: { a: [{ error: { code: 'http.unreachable' }, delay: '10s' }], b: [{ delay: '10s' }], c: [{ delay: '10s' }] },
  });
  expect(result.status).toBe('succeeded');
  expect(result.elapsedMs).toBe(30_000);
  expect(result.warnings).toBe(1);
  expect(result.changes.filter(({ type }) => type === 'step.waiting')).toHaveLength(3);
});

test('a lock not got in time is a failure that a retry tries again, and its attempts count', () => {
  const lock = { name: 'l', wait: '3s' };
  const result = run({
    definition: book([
      {
        id: 'p',
        kind: 'parallel',
        branches: [
          [http('a', { lock })],
          [http('b', { lock, retry: { attempts: 2, backoff: '8s' } })],
          [http('c', { lock, continueOnError: true })],
        ],
      },
    ]),
    mocks: { a: [{ delay: '10s' }] },
  });
  expect(result.steps['c']).toMatchObject({
    status: 'failed',
    error: { code: 'lock.timed_out', step: 'c', retryable: true },
  });
  expect(result.steps['b']).toMatchObject({ status: 'succeeded', attempts: 2 });
});

test.each<[OutcomeAnswer, string, string | undefined, number]>([
  ['ran', 'succeeded', undefined, 1],
  ['not_ran', 'failed', 'outcome.unknown', 1],
  ['repeat', 'succeeded', undefined, 2],
])('of an outcome nobody knows a person says %s: the step is %s', (answer, status, code, calls) => {
  const executions: number[] = [];
  const result = run(
    { definition: book([http('a')]) },
    {
      effects: replacing((_, clock) => ({
        http: ({ execution }) => {
          executions.push(execution);
          return executions.length === 1 ? { kind: 'unknown', reason: 'the worker died' } : { kind: 'ok', output: {} };
        },
        askOutcome: () => {
          const later = new Later<OutcomeAnswer>();
          clock.after(60_000, 'call', () => later.settle(answer));
          return later;
        },
      })),
    },
  );
  expect(result.status).toBe(status);
  expect(result.error?.code).toBe(code);
  expect(executions).toEqual(Array.from({ length: calls }, (_, index) => index + 1));
  expect(result.elapsedMs).toBe(60_000);
});

test('a step that is safe to repeat runs again by itself where nobody knows, at most three times', () => {
  let asked = 0;
  let calls = 0;
  const result = run(
    { definition: book([http('a', { method: 'PUT' })]) },
    {
      effects: replacing(() => ({
        http: () => {
          calls += 1;
          return { kind: 'unknown', reason: 'lost' };
        },
        askOutcome: () => {
          asked += 1;
          return 'not_ran';
        },
      })),
    },
  );
  expect([calls, asked, result.error?.code]).toEqual([4, 1, 'outcome.unknown']);
});

test('of several hosts only the doubtful are asked about, and only those to repeat run again', () => {
  const started: string[][] = [];
  const result = run(
    {
      definition: book([ssh('a', { maxFailures: 1 })], {
        outputs: { ok: '${{ steps.a.output.succeeded }}', bad: '${{ steps.a.output.failed }}' },
      }),
      servers: servers(4),
    },
    {
      effects: replacing(() => ({
        runHosts: ({ hosts }) => {
          started.push(hosts.map(({ server }) => server.name));
          const reply = (name: string): HostReply =>
            name !== 'h1' && started.length === 1
              ? { kind: 'unknown', reason: 'lost process' }
              : { kind: 'ended', exitCode: 0 };
          return Object.fromEntries(hosts.map(({ server }) => [server.name, reply(server.name)]));
        },
        askOutcome: ({ host }) => (host === 'h2' ? 'ran' : host === 'h3' ? 'not_ran' : 'repeat'),
      })),
    },
  );
  expect(started).toEqual([['h1', 'h2', 'h3', 'h4'], ['h4']]);
  expect(result.outputs).toEqual({ ok: ['h1', 'h2', 'h4'], bad: ['h3'] });
  expect(result.steps['a']?.hosts['h3']?.error).toMatchObject({ code: 'outcome.unknown', host: 'h3' });
});

test('a rejected promise of the outside ends the step by its code, and undo still runs', async () => {
  const result = run(
    { definition: book([set('a', { undo: [set('ua')] }), http('b')]) },
    { effects: replacing(() => ({ http: () => { throw new Error('no such activity'); } })) }, // prettier-ignore
  );
  expect(result).toMatchObject({
    status: 'failed',
    error: { code: 'step.crashed', message: 'no such activity', step: 'b' },
    undo: { done: 1 },
  });
});

test('a mistake of the engine itself fails the step, since thrown on it would hold the run for ever', () => {
  const broken = { ...set('a'), lock: 5 } as unknown as Step;
  const result = run({ definition: book([broken], { finally: [set('bye')] }) });
  expect(result).toMatchObject({ status: 'failed', error: { code: 'step.crashed', step: 'a', retryable: false } });
  expect(result.order).toEqual(['a', 'bye']);
});

test('an unexpected stop by the outside is a failure, not a silent cancel', () => {
  const result = run(
    { definition: book([http('a')]) },
    { effects: replacing(() => ({ http: () => ({ kind: 'canceled' }) })) },
  );
  expect(result.error?.code).toBe('step.crashed');
});

test('real promises do as well as ones that settle at once', async () => {
  const journal: string[] = [];
  const slow = async <T>(value: T): Promise<T> => {
    await Promise.resolve();
    return value;
  };
  const definition = book([
    {
      id: 'p',
      kind: 'parallel',
      branches: [[http('a', { retry: { attempts: 2 } }), set('b')], [ssh('c', { batch: 1, batchPause: '5m' })]],
    },
    { id: 'ask', kind: 'approve', roles: ['owner'] },
    { id: 'w', kind: 'wait', for: '30d' },
  ]);
  const never = new Promise<never>(() => undefined);
  const days40 = 40 * 86_400_000;
  let calls = 0;
  const effects: Effects = {
    now: () => 0,
    random: () => 0,
    sleep: (ms) => (ms > days40 ? never : slow(undefined)), // all waits end but the run's own time limit
    http: () =>
      slow(
        calls++ === 0
          ? { kind: 'error', error: { code: 'http.unreachable', message: '' } }
          : { kind: 'ok', output: {} },
      ),
    runHosts: ({ hosts }) =>
      slow(Object.fromEntries(hosts.map(({ server }) => [server.name, { kind: 'ended' as const, exitCode: 0 }]))),
    selectServers: () =>
      slow({
        hosts: servers(2).map((server) => ({ ...server, id: server.name, host: server.name, port: 22 })),
        leftOut: [],
        unknown: [],
      }),
    ask: () => slow({ kind: 'decided', decision: 'approved', by: ['ana'], reason: null, form: null }),
    record: (change) => void journal.push(change.type),
    connector: () => never,
    notify: () => never,
    askOutcome: () => never,
    startPlaybook: () => never,
    runQuery: () => never,
    acquireLock: () => never,
    releaseLock: () => never,
    seal: () => never,
    hashSecrets: () => ({}),
    planPlaybook: () => null,
  };
  const startedAt = '1970-01-01T00:00:00Z';
  const facts = {
    id: 'r',
    title: 'X',
    trigger: 'user',
    actor: { name: '', email: '' },
    startedAt,
    url: '',
    playbook: { name: 'X', version: 1 },
  };
  const engine = startEngine(
    { definition: { ...definition, timeout: '60d' }, inputs: {}, vars: {}, secrets: [], run: facts },
    effects,
  );
  expect(engine.ended).toBeNull();
  expect(await engine.result).toMatchObject({ status: 'succeeded', error: null });
  expect(calls).toBe(2);
  expect(journal.at(-1)).toBe('run.ended');
});
