import { expect, test } from 'vitest';
import type { Playbook, Step } from '../../document.ts';
import { validatePlaybook } from '../../validate.ts';
import { definePlaybook, cel, query, set, string } from '../../define-playbook.ts';
import type { AskRequest, QueryReply, QueryRequest } from '../effects.ts';
import { replacing } from '../virtual/replacing.ts';
import { runVirtually } from '../virtual/run-virtually.ts';

const book = (steps: readonly object[], more: Partial<Playbook> = {}): Playbook => ({
  name: 'X',
  steps: steps as readonly Step[],
  ...more,
});
const asked = (more: object = {}) => ({ id: 'q', kind: 'query', query: 'Sends by day', ...more });
const errorsOf = (definition: unknown) =>
  validatePlaybook(definition as never).errors.map(({ code, path }) => `${path} ${code}`);
const counted = (rowCount: number | null) => ({ output: { rowCount, columns: [{ name: 'day', type: 'date' }] } });

test('a query step names a saved query or holds a text with the connection it runs on, and never both', () => {
  expect(errorsOf(book([asked()]))).toEqual([]);
  expect(errorsOf(book([{ id: 'q', kind: 'query', sql: 'select 1', connection: 'Warehouse' }]))).toEqual([]);
  expect(errorsOf(book([{ id: 'q', kind: 'query' }]))).toEqual(['/steps/0 query.not_one']);
  expect(errorsOf(book([asked({ sql: 'select 1', connection: 'c' })]))).toEqual(['/steps/0 query.not_one']);
  expect(errorsOf(book([{ id: 'q', kind: 'query', sql: 'select 1' }]))).toEqual([
    '/steps/0/connection shape.missing_field',
  ]);
  expect(errorsOf(book([{ id: 'q', kind: 'query', sql: 'select 1', connection: 'c', version: 2 }]))).toEqual([
    '/steps/0/version shape.bad_value',
  ]);
});

test('a template in the text is refused: values come by parameters, which take no secrets since history keeps them', () => {
  const inputs = [{ name: 'day', type: 'string' as const }];
  expect(
    errorsOf(book([{ id: 'q', kind: 'query', sql: "select '${{ inputs.day }}'", connection: 'c' }], { inputs })),
  ).toEqual(['/steps/0/sql template.not_allowed']);
  expect(errorsOf(book([asked({ query: '${{ inputs.day }}' })], { inputs }))).toEqual([
    '/steps/0/query template.not_allowed',
  ]);
  expect(errorsOf(book([asked({ parameters: { day: '${{ inputs.day }}' } })], { inputs }))).toEqual([]);
  expect(errorsOf(book([asked({ parameters: { key: '${{ secrets.key }}' } })]))).toEqual([
    '/steps/0/parameters/key secret.misplaced',
  ]);
});

test('what expect reads is checked as any expression is', () => {
  expect(errorsOf(book([asked({ expect: 'result.rowCount > 0' })]))).toEqual([]);
  expect(errorsOf(book([asked({ expect: 'rows > 0' })]))).toEqual(['/steps/0/expect expression.name_unknown']);
  expect(errorsOf(book([asked({ parameters: { n: '${{ result.rowCount }}' } })]))).toEqual([
    '/steps/0/parameters/n expression.name_unknown',
  ]);
});

test('its fields are rendered, and it gives counts and columns, which later steps read', () => {
  let request: QueryRequest | undefined;
  const result = runVirtually(
    {
      definition: book(
        [
          asked({
            connection: '${{ inputs.place }}',
            unit: 'u1',
            parameters: { least: '${{ inputs.least + 1 }}', of: '${{ ["a", "b"] }}' },
            timeWindow: { from: '${{ inputs.from }}', to: 'today' },
            options: { hidden: 'left_out' },
          }),
          {
            id: 's',
            kind: 'set',
            values: { n: '${{ steps.q.output.rowCount }}', c: '${{ steps.q.output.columns[0].name }}' },
          },
        ],
        {
          inputs: [
            { name: 'place', type: 'string' },
            { name: 'least', type: 'integer' },
            { name: 'from', type: 'string' },
          ],
        },
      ),
      inputs: { place: 'Warehouse', least: 4, from: '7 days ago' },
      mocks: { q: [counted(12)] },
    },
    {
      effects: replacing((effects) => ({
        runQuery: (given, cancel) => {
          request = given;
          return effects.runQuery(given, cancel);
        },
      })),
    },
  );
  expect(result.status).toBe('succeeded');
  expect(request).toEqual({
    address: 'q',
    stepId: 'q',
    attempt: 1,
    execution: 1,
    query: 'Sends by day',
    version: null,
    sql: null,
    connection: 'Warehouse',
    unit: 'u1',
    parameters: { least: 5, of: ['a', 'b'] },
    timeWindow: { from: '7 days ago', to: 'today', timeZone: 'UTC' },
    options: { hidden: 'left_out' },
  });
  expect(result.steps['q']?.output).toEqual({ rowCount: 12, columns: [{ name: 'day', type: 'date' }] });
  expect(result.steps['s']?.output).toEqual({ n: 12, c: 'day' });
});

test('what the step expects of the result fails it otherwise, and is not tried again', () => {
  const run = (expected: string, rowCount: number | null) =>
    runVirtually({
      definition: book([asked({ expect: expected, retry: { attempts: 3 } })]),
      mocks: { q: [counted(rowCount)] },
    });
  expect(run('result.rowCount > 0', 3).status).toBe('succeeded');
  const none = run('result.rowCount > 0', 0);
  expect(none.error).toMatchObject({ code: 'query.unexpected_result', step: 'q' });
  expect(none.error?.message).toBe('It gave 0 rows, which does not fit: result.rowCount > 0');
  expect(none.steps['q']?.attempts).toBe(1);
  // Nobody counted them: that is not the same as none.
  expect(run('result.rowCount > 0', null).error?.code).toBe('expression.failed');
  expect(run('result.rowCount == null || result.rowCount > 0', null).status).toBe('succeeded');
});

test('a failure that may pass is tried again, one that stays is not; each attempt is a run of its own', () => {
  const attempts: number[] = [];
  const run = (...replies: QueryReply[]) =>
    runVirtually(
      {
        definition: book([asked({ retry: { attempts: 3, backoff: '1s' } })]),
      },
      {
        effects: replacing(() => ({
          runQuery: ({ attempt }) => {
            attempts.push(attempt);
            return replies[attempt - 1] ?? { kind: 'canceled', runId: null };
          },
        })),
      },
    );
  const failed = (code: string, retryable?: boolean): QueryReply => ({
    kind: 'failed',
    runId: `run-of-${code}`,
    error: { code, message: 'm', ...(retryable !== undefined && { retryable }) },
  });
  const ok: QueryReply = { kind: 'succeeded', runId: 'r', output: { rowCount: 1, columns: [] } };
  expect(run(failed('query.quota'), failed('query.network'), ok).status).toBe('succeeded');
  expect(attempts.splice(0)).toEqual([1, 2, 3]);
  const syntax = run(failed('query.syntax'), ok);
  expect(syntax.error).toMatchObject({ code: 'query.syntax', details: { runId: 'run-of-query.syntax' } });
  expect(attempts.splice(0)).toEqual([1]);
  expect(run(failed('query.provider', true), ok).status).toBe('succeeded');
});

test('a container that is tried again runs its query afresh, as another execution', () => {
  const executions: string[] = [];
  const result = runVirtually(
    {
      definition: book([
        {
          id: 'p',
          kind: 'parallel',
          retry: { attempts: 2, backoff: '1s' },
          branches: [[asked()], [{ id: 'h', kind: 'http', method: 'GET', url: 'https://x.example.com' }]],
        },
      ]),
      mocks: { h: [{ error: { code: 'http.unreachable' } }] },
    },
    {
      effects: replacing((effects) => ({
        runQuery: (request, cancel) => {
          executions.push(`${request.address} ${request.attempt} ${request.execution}`);
          return effects.runQuery(request, cancel);
        },
      })),
    },
  );
  expect(result.status).toBe('failed');
  expect(new Set(executions).size).toBe(2);
  expect(executions[0]).toBe('q 1 1');
});

test('past its timeout it is canceled at the service and the step has timed out', () => {
  const result = runVirtually({
    definition: book([asked({ timeout: '10m' })]),
    mocks: { q: [{ delay: '1h', ...counted(1) }] },
  });
  expect(result).toMatchObject({ elapsedMs: 600_000, error: { code: 'step.timed_out', step: 'q' } });
});

test('canceled by somebody at the query’s own page, the step fails and the playbook goes on to its undo', () => {
  const result = runVirtually(
    {
      definition: book([
        { id: 's', kind: 'set', values: { x: 1 }, undo: [{ id: 'u', kind: 'set', values: { y: 1 } }] },
        asked(),
      ]),
    },
    { effects: replacing(() => ({ runQuery: () => ({ kind: 'canceled', runId: 'r' }) })) },
  );
  expect(result).toMatchObject({ status: 'failed', error: { code: 'run.canceled', step: 'q' }, undo: { done: 1 } });
});

test('a plan says what would run, and its hash tells when the saved query has changed', () => {
  const planned = (sql: string): AskRequest['plan'] => {
    let plan: AskRequest['plan'] = null;
    runVirtually(
      {
        definition: book([
          { id: 'ask', kind: 'approve', roles: ['owner'], bindToPlan: true },
          asked({ parameters: { day: 'today' } }),
          asked({ id: 't', query: 'gone' }),
        ]),
      },
      {
        effects: replacing(() => ({
          planQuery: ({ query: name }) =>
            name === 'gone'
              ? { error: { code: 'query.unknown', message: 'none' } }
              : { sql, details: { connection: 'Warehouse', version: 3 } },
          ask: (request) => {
            plan = request.plan;
            return { kind: 'expired' };
          },
        })),
      },
    );
    return plan;
  };
  const first = planned('select 1');
  expect(first?.entries).toMatchObject([
    {
      id: 'q',
      action: 'run',
      rendered: 'select 1',
      details: { connection: 'Warehouse', version: 3, parameters: { day: 'today' } },
    },
    { id: 't', error: { code: 'query.unknown' } },
  ]);
  expect(planned('select 1')?.hash).toBe(first?.hash);
  expect(planned('select 2')?.hash).not.toBe(first?.hash);
});

test('without the workspace a plan says what the step itself says', () => {
  const { plan } = runVirtually({
    definition: book([
      { id: 's', kind: 'set', values: { n: 3 } },
      asked({ parameters: { n: '${{ steps.s.output.n }}' } }),
      asked({ id: 'later', parameters: { n: '${{ steps.q.output.rowCount }}' } }),
    ]),
    dryRun: true,
  });
  expect(plan).toMatchObject([
    {},
    { id: 'q', action: 'run', rendered: 'Sends by day', details: { parameters: { n: 3 } } },
    { id: 'later', action: 'depends', dependsOn: ['q'] },
  ]);
});

test('in TypeScript it is the same document, with what it gives as types', () => {
  const { definition } = definePlaybook({
    name: 'Count',
    inputs: { day: string() },
    steps: ({ inputs }) => {
      const sends = query('sends', {
        sql: 'select count(*) from sends where day = {{ day }}',
        connection: 'Warehouse',
        parameters: { day: inputs.day },
        expect: cel<boolean>`result.rowCount > 0`,
      });
      return [sends, set('told', { rows: sends.output.rowCount })];
    },
  });
  expect(definition.steps).toEqual([
    {
      id: 'sends',
      kind: 'query',
      sql: 'select count(*) from sends where day = {{ day }}',
      connection: 'Warehouse',
      parameters: { day: '${{ inputs.day }}' },
      expect: 'result.rowCount > 0',
    },
    { id: 'told', kind: 'set', values: { rows: '${{ steps.sends.output.rowCount }}' } },
  ]);
});
