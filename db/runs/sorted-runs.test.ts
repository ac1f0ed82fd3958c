import { type LogEvent, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunFilter, RunSummary } from '#contracts/runs/runs.ts';
import { type RunSort, runSorts } from '#contracts/runs/sorts.ts';
import { walkOf } from '#tests/kit/query-plan.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inTenant } from '../kit/in-tenant.ts';
import { listRuns } from './runs.ts';

let database: TestDatabase;
let db: Db;
let statements: LogEvent['query'][] = [];
const workspaceId = uuidv7();
const all = 6_000;
/** One of fifty has not ended; they are few, as in life. */
const alive = all / 50;
const inMany = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(db, workspaceId, work);
const filter = (more: Partial<RunFilter> = {}): RunFilter => ({
  limit: 200,
  sort: '-createdAt',
  shape: 'job',
  ...more,
});

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl, { log: ({ query }) => void statements.push(query) });
  // As many again of a neighbour: an order that ignored the workspace would read them too. Many ends, durations and titles
  // are alike, some of them to the microsecond.
  for (const workspace of [workspaceId, uuidv7()])
    await inTenant(db, workspace, (tx) =>
      sql`insert into runs (id, kind, shape, title, status, trigger, actor, workflow_type, task_queue, created_at, started_at, ended_at)
        select uuidv7(make_interval(secs => n - 10000)), 'playbook', 'job',
          (array['beta ', 'Alpha ', 'ärger '])[1 + n % 3] || n % 40, case when n % 50 = 0 then 'running' else 'succeeded' end,
          'api', '{}', 'runPlaybook', 'main', now(),
          case when n % 7 = 0 then null else timestamptz '2026-11-01' end,
          case when n % 50 = 0 then null
            else timestamptz '2026-11-01' + make_interval(secs => (n * 31) % 500) + (n % 3) * interval '1 microsecond' end
        from generate_series(1, ${all}) n`.execute(tx),
    );
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`analyze runs`.execute(owner);
  await owner.destroy();
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await database.close();
});

const indexOf: Readonly<Record<string, string[]>> = {
  createdAt: ['runs_top', 'runs_pkey'],
  endedAt: ['runs_top_by_end'],
  duration: ['runs_top_by_duration'],
  title: ['runs_top_by_title'],
};
/** How the database reads the first statement of a page. */
const walked = (more: Partial<RunFilter>) =>
  inMany(async (tx) => {
    statements = [];
    await listRuns(tx, filter(more));
    const list = statements.find((one) => one.sql.startsWith('select'));
    if (!list) throw new Error('Nothing was asked.');
    return walkOf(tx, list, 'runs');
  });

test.each(runSorts)('a page by %s is read from its index: nothing is sorted, no more is read', async (sort) => {
  const first = await inMany((tx) => listRuns(tx, filter({ sort })));
  expect(first.data).toHaveLength(200);
  for (const cursor of [undefined, first.pagination.nextCursor ?? undefined]) {
    const { sorts, index, read } = await walked({ sort, cursor });
    expect([sorts, index]).toEqual([false, expect.toBeOneOf(indexOf[sort.replace('-', '')] ?? [])]);
    expect(read).toBeLessThanOrEqual(201);
  }
});

async function everything(sort: RunSort): Promise<RunSummary[]> {
  const seen: RunSummary[] = [];
  for (let cursor: string | undefined | null; cursor !== null;) {
    const after = cursor;
    const page = await inMany((tx) => listRuns(tx, filter({ sort, cursor: after })));
    seen.push(...page.data);
    cursor = page.pagination.nextCursor;
  }
  return seen;
}

/** What a run goes by in each order; titles by their first word, of which the two plain ones are compared. */
const figureOf: Readonly<Record<string, (run: RunSummary) => number | string | null>> = {
  createdAt: ({ id }) => id,
  endedAt: ({ endedAt }) => endedAt && Date.parse(endedAt),
  duration: ({ startedAt, endedAt }) => endedAt && Date.parse(endedAt) - Date.parse(startedAt ?? endedAt),
  title: ({ title }) => (title.startsWith('ä') ? null : (title.toLowerCase().split(' ')[0] ?? null)),
};
const inOrder = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);

test.each(runSorts)('all pages by %s together are every run once, in that order', async (sort) => {
  const seen = await everything(sort);
  expect([seen.length, new Set(seen.map(({ id }) => id)).size]).toEqual([all, all]);
  const figures = seen.map((run) => figureOf[sort.replace('-', '')]?.(run) ?? null).filter((figure) => figure !== null);
  const sorted = figures.toSorted(inOrder);
  expect(figures).toEqual(sort.startsWith('-') ? sorted.toReversed() : sorted);
});

test.each(['endedAt', '-endedAt', 'duration', '-duration'] as const)(
  'by %s, what has not ended stands behind all the rest',
  async (sort) => {
    const ends = (await everything(sort)).map(({ endedAt }) => endedAt === null);
    expect([ends.indexOf(true), ends.filter(Boolean).length]).toEqual([all - alive, alive]);
  },
);

test('a cursor of another order, or none at all, is refused', async () => {
  const { pagination } = await inMany((tx) => listRuns(tx, filter({ sort: 'title' })));
  const read = (sort: RunSort, cursor: string) => inMany((tx) => listRuns(tx, filter({ sort, cursor })));
  for (const [sort, cursor] of [
    ['-duration', pagination.nextCursor ?? ''],
    ['-createdAt', pagination.nextCursor ?? ''],
    ['title', 'nonsense'],
    ['-createdAt', 'nonsense'],
  ] as const)
    await expect(read(sort, cursor)).rejects.toMatchObject({ code: 'contract.broken' });
});

test('a list is narrowed by when its runs ended, to the instant', async () => {
  const from = '2026-11-01T00:01:00.000Z';
  const to = '2026-11-01T00:02:00.000Z';
  const { data } = await inMany((tx) => listRuns(tx, filter({ endedFrom: from, endedTo: to, sort: 'endedAt' })));
  const whole = (await everything('endedAt')).filter(
    ({ endedAt }) => endedAt !== null && endedAt >= from && endedAt < to,
  );
  expect(data.map(({ id }) => id)).toEqual(whole.slice(0, 200).map(({ id }) => id));
  expect(data[0]?.endedAt).toBe(from);
});
