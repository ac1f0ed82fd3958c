import { expect, test } from 'vitest';
import type { Playbook, Step } from '../../document.ts';
import { replacing } from '../virtual/replacing.ts';
import { runVirtually } from '../virtual/run-virtually.ts';

const book = (steps: readonly Step[], more: Partial<Playbook> = {}): Playbook => ({ name: 'X', steps, ...more });
const ssh = (id: string, more: object = {}): Step =>
  ({ id, kind: 'ssh', hosts: { tags: ['w'] }, command: 'c', ...more }) as Step;
const servers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `h${index + 1}`, tags: ['w'] }));
const bad = { exitCode: 1 };

test('within one batch nothing new starts once too many have failed, and what runs is let finish', () => {
  const result = runVirtually({
    definition: book([ssh('a', { parallel: 2, maxFailures: 1 })]),
    servers: servers(6),
    mocks: { a: [{ hosts: { h1: { ...bad, delay: '1s' }, h2: { delay: '9s' }, h3: { ...bad, delay: '1s' } } }] },
  });
  expect(result.batches['a']).toEqual([['h1', 'h2', 'h3']]);
  expect(result.steps['a']?.output).toEqual({ succeeded: ['h2'], failed: ['h1', 'h3'], skipped: ['h4', 'h5', 'h6'] });
  expect(result).toMatchObject({
    elapsedMs: 9_000,
    error: { code: 'hosts.too_many_failed', details: { failed: ['h1', 'h3'], most: 1 } },
  });
});

test('a failure that will be tried again does not count yet, one that will not does', () => {
  const definition = book([
    ssh('a', { parallel: 1, retry: { attempts: 2, backoff: '1s', on: ['command.exited_nonzero'] } }),
  ]);
  const again = runVirtually({ definition, servers: servers(3), mocks: { a: [{ hosts: { h1: bad } }, {}] } });
  expect(again.batches['a']).toEqual([['h1', 'h2', 'h3'], ['h1']]);
  expect(again.status).toBe('succeeded');
  const final = runVirtually({
    definition,
    servers: servers(3),
    mocks: { a: [{ hosts: { h1: { error: { code: 'host.unreachable' } } } }, {}] },
  });
  expect(final.batches['a']).toEqual([['h1']]);
  expect(final.steps['a']?.hosts['h1']).toMatchObject({
    status: 'unreachable',
    error: { code: 'host.unreachable', host: 'h1', attempt: 1 },
  });
});

test('each batch has its own attempts and the step’s are the most of any', () => {
  const result = runVirtually({
    definition: book([ssh('a', { batch: 1, retry: { attempts: 3, backoff: '1s' } })]),
    servers: servers(3),
    mocks: { a: [{ hosts: { h1: bad, h2: bad } }, { hosts: { h2: bad } }, {}] },
  });
  expect(result.batches['a']).toEqual([['h1'], ['h1'], ['h2'], ['h2'], ['h2'], ['h3']]);
  expect(result.steps['a']?.attempts).toBe(3);
  expect(result.elapsedMs).toBe(4_000);
});

test('a canary of one host in a step of one host fails with that host’s own code', () => {
  const result = runVirtually({
    definition: book([ssh('a', { canary: 1 })]),
    servers: servers(1),
    mocks: { a: [{ hosts: { h1: bad } }] },
  });
  expect(result.error).toMatchObject({ code: 'command.exited_nonzero', host: 'h1', details: { exitCode: 1 } });
});

test('within the budget the step has succeeded in part', () => {
  const result = runVirtually({
    definition: book([ssh('a', { maxFailures: '50%' })]),
    servers: servers(3),
    mocks: { a: [{ hosts: { h2: bad } }] },
  });
  expect(result.steps['a']).toMatchObject({ status: 'succeeded', partial: true });
});

test('a cancel stops the hosts at work, and those not begun are canceled too', () => {
  const result = runVirtually({
    definition: book([ssh('a', { batch: 2, batchPause: '1h' })]),
    servers: servers(4),
    mocks: { a: [{ hosts: { h1: {}, h2: { delay: '10m' } } }] },
    cancelAt: '5m',
  });
  expect(Object.values(result.steps['a']?.hosts ?? {}).map(({ status }) => status)).toEqual([
    'succeeded',
    'canceled',
    'canceled',
    'canceled',
  ]);
  expect(result.steps['a']?.status).toBe('canceled');
  const inPause = runVirtually({
    definition: book([ssh('a', { batch: 2, batchPause: '1h' })]),
    servers: servers(4),
    cancelAt: '5m',
  });
  expect(inPause.steps['a']?.output).toMatchObject({ succeeded: ['h1', 'h2'], skipped: ['h3', 'h4'] });
});

test('who has finished everything when the cancel comes has succeeded', () => {
  const result = runVirtually({
    definition: book([ssh('a')], { outputs: { ok: '${{ steps.a.output.succeeded }}' } }),
    servers: servers(2),
    mocks: { a: [{ hosts: { h1: { delay: '5m' } } }] },
    cancelAt: '5m',
  });
  expect(result).toMatchObject({ status: 'succeeded', outputs: { ok: ['h1', 'h2'] } });
});

test('a host in maintenance is left out and told', () => {
  const result = runVirtually({
    definition: book([ssh('a')]),
    servers: [...servers(2), { name: 'h3', tags: ['w'], maintenance: true }] as never,
  });
  expect(result.batches['a']).toEqual([['h1', 'h2']]);
  expect(result.changes.find(({ type }) => type === 'hosts.chosen')).toMatchObject({ leftOut: ['h3'] });
});

test('an empty list as selection is no host, never all of them', () => {
  const definition = book([ssh('a', { hosts: { from: '${{ inputs.l }}' } })], {
    inputs: [{ name: 'l', type: 'servers', default: [] }],
  });
  expect(runVirtually({ definition, servers: servers(3) }).error?.code).toBe('hosts.none_matched');
  const absent = book([ssh('a', { hosts: { from: '${{ inputs.l }}' } })], { inputs: [{ name: 'l', type: 'servers' }] });
  expect(runVirtually({ definition: absent, servers: servers(3) }).error?.code).toBe('value.wrong_type');
});

test('more hosts at a time than allowed is a limit, told at its field', () => {
  const definition = book([ssh('a', { parallel: '${{ inputs.n }}' })], {
    inputs: [{ name: 'n', type: 'integer', default: 201 }],
  });
  expect(runVirtually({ definition, servers: servers(1) }).error).toMatchObject({
    code: 'limit.exceeded',
    path: '/steps/0/parallel',
    details: { is: 201 },
  });
});

test('arguments of a script: one element, one argument; a list given by a template spreads', () => {
  let seen: readonly unknown[] = [];
  runVirtually(
    {
      definition: book(
        [
          {
            id: 'a',
            kind: 'script',
            hosts: { tags: ['w'] },
            script: 'x',
            args: ['a b', '${{ inputs.l }}', '${{ 5 }}', 'n=${{ null }}'],
            env: { N: '${{ 1 + 1 }}', S: '${{ secrets.t }}' },
          } as Step,
        ],
        { inputs: [{ name: 'l', type: 'list', items: { type: 'string' }, default: ['c', 'd e'] }] },
      ),
      servers: servers(1),
      secrets: { t: 'tttttttt' },
    },
    {
      effects: replacing((inner) => ({
        runHosts: (request, cancel) => {
          seen = request.work;
          return inner.runHosts(request, cancel);
        },
      })),
    },
  );
  expect(seen).toMatchObject([
    { kind: 'script', args: ['a b', 'c', 'd e', '5', 'n='], env: { N: '2', S: { $secret: 'secrets.t' } } },
  ]);
});
