import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '#tests/kit/test-app.ts';
import { type QueryWorld, queryWorld } from '#tests/kit/query-world.ts';

let world: QueryWorld;
let saved: { id: string; name: string };
const name = `Numbers ${Math.random().toString(36).slice(2, 10)}`;
const sql = `select n, {{ since: date = start of month }}::text as since from generate_series(1, {{ most: number = 5 }}) n
where true [[ and n <> {{ skip: number }} ]] [[ and n in ({{ only: number[] }}) ]] order by n`;
beforeAll(async () => {
  world = await queryWorld();
  const body = { engine: 'postgres', connectionId: world.connections.postgres, sql, parameters: [], options: {} };
  saved = await world.app.ok('POST', '/queries', { name, sharing: 'workspace', body });
}, 180_000);
afterAll(() => world?.close());

type Parameters = Readonly<Record<string, unknown>>;
interface Seen {
  parameters: Parameters;
  numbers: (string | null)[];
}
/** What a run was given, and the rows that it gives. */
async function seen(runId: string): Promise<Seen> {
  const { status, failure, parameters } = await world.until(runId);
  expect({ status, failure }).toEqual({ status: 'succeeded', failure: null });
  const { rows } = await world.app.ok('GET', `/query-runs/${runId}/rows`);
  return { parameters, numbers: rows.map(([n]: (string | null)[]) => n) };
}

/** The ways to run one saved query. */
const ways: Readonly<Record<string, (parameters: Parameters) => Promise<Seen>>> = {
  editor: async (parameters) => {
    const text = { connectionId: world.connections.postgres, sql, parameters };
    const checked = await world.app.ok('POST', '/query-runs/validate', text);
    expect(checked.isValid).toBe(true);
    const ran = await seen(await world.start('postgres', sql, { parameters }));
    expect(checked.parameters).toEqual(ran.parameters);
    return ran;
  },
  api: async (parameters) => seen(await world.start('postgres', sql, { queryId: saved.id, parameters })),
  schedule: async (parameters) => {
    const schedule = await world.app.ok('POST', '/schedules', {
      name: `At night ${Math.random()}`,
      target: { kind: 'query', id: saved.id, parameters },
      cron: '0 3 1 1 *',
      timeZone: 'UTC',
    });
    await world.app.ok('POST', `/schedules/${schedule.id}/trigger`, {});
    const runId = await until(async () => {
      const [run] = await world.sql("select id from runs where kind = 'query' and trigger_id = $1", [schedule.id]);
      return run?.['id'] as string | undefined;
    });
    return seen(runId);
  },
  playbook: async (parameters) => {
    const definition = { name: `P ${Math.random()}`, steps: [{ id: 'q', kind: 'query', query: name, parameters }] };
    const { id } = await world.app.ok('POST', '/playbooks', { name: definition.name, definition });
    const { runId } = await world.app.ok('POST', `/playbooks/${id}/runs`, { inputs: {} });
    const { steps } = await world.app.untilRun(runId);
    const [step] = steps;
    const ran = await seen(step?.childRunId ?? '');
    expect(step?.output).toMatchObject({ rowCount: ran.numbers.length });
    return ran;
  },
};

test.each<[string, Parameters, string[], Parameters]>([
  ['defaults alone, and no clause', {}, ['1', '2', '3', '4', '5'], { most: 5 }],
  ['a value that lets its clause in', { skip: 3 }, ['1', '2', '4', '5'], { most: 5, skip: 3 }],
  ['a list, and a default that is overruled', { only: [2, 9], most: 9 }, ['2', '9'], { most: 9, only: ['2', '9'] }],
])('editor, API, schedule and playbook give the same: %s', async (_, given, numbers, resolved) => {
  const today = new Date().toISOString();
  for (const [way, run] of Object.entries(ways)) {
    const found = await run(given);
    expect(found.numbers, way).toEqual(numbers);
    const { since, ...rest } = found.parameters;
    expect(rest, way).toMatchObject(resolved);
    // By the server's clock, resolved and recorded. At the turn of a month it may be either.
    expect([`${today.slice(0, 7)}-01`, `${new Date().toISOString().slice(0, 7)}-01`], way).toContain(since);
  }
});

test('each schedule has values of its own', async () => {
  const [three, four] = await Promise.all([ways['schedule']?.({ most: 3 }), ways['schedule']?.({ most: 4, skip: 1 })]);
  expect(three?.numbers).toEqual(['1', '2', '3']);
  expect(four?.numbers).toEqual(['2', '3', '4']);
});
