import { type LogEvent, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NewServer, type ServerFilter, serverSorts } from '#contracts/servers/servers.ts';
import { type Walk, walkOf } from '#tests/kit/query-plan.ts';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inTenant } from '../kit/in-tenant.ts';
import type { Doer } from './acts.ts';
import { changeOne } from './change-many.ts';
import { recordCheck } from './checks.ts';
import { countServers, findServer, findServerIds, listServers } from './list-servers.ts';
import { createPlaybook } from '../playbooks/playbooks.ts';
import { listPlaybooksForServers } from './playbooks-for-servers.ts';
import { insertServer } from './servers.ts';

let database: TestDatabase;
let db: Db;
let statements: LogEvent['query'][] = [];
const doer: Doer = { actor: { kind: 'user', id: uuidv7(), name: 'Ada' } };
const workspaceOfMany = uuidv7();
const inMany = <T>(work: Parameters<typeof inTenant<T>>[2]) => inTenant(db, workspaceOfMany, work);
const filter = (more: Partial<ServerFilter> = {}): ServerFilter => ({ limit: 200, sort: 'name', ...more });

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl, { log: ({ query }) => void statements.push(query) });
  // Ten thousand servers, and as many of a neighbour: an order that ignored the workspace would read them too.
  for (const workspace of [workspaceOfMany, uuidv7()])
    await inTenant(db, workspace, (tx) =>
      sql`insert into servers (id, name, name_key, host, port, tags, health, cpu_percent, memory_percent, checked_at)
        select gen_random_uuid(), 'web-' || n, 'web-' || lpad(n::text, 12, '0'), '10.0.0.1', 22,
          case when n % 10 = 0 then array['db', 'eu'] else array['web'] end,
          (array['healthy', 'degraded', 'unhealthy', 'no_answer', 'unknown'])[1 + n % 5],
          (n * 7919::bigint) % 211, (n * 104729::bigint) % 101,
          timestamptz '2026-11-01' + make_interval(secs => (n * 31) % 5000)
        from generate_series(1, 10000) n`.execute(tx),
    );
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`analyze servers`.execute(owner);
  await owner.destroy();
});
afterAll(async () => {
  await db.destroy();
  await database.close();
});

/** How the database went about a page of the list, as the app's role under row-level security. */
const walked = (more: Partial<ServerFilter>): Promise<Walk> =>
  inMany(async (tx) => {
    statements = [];
    await listServers(tx, filter(more));
    const list = statements.find(({ sql: text }) => text.includes('order by'));
    if (!list) throw new Error('Nothing was asked.');
    return walkOf(tx, list, 'servers');
  });
const indexOf = (sort: string): string =>
  ({ name: 'servers_sorted', health: 'servers_by_health_rank', cpu: 'servers_by_cpu_percent', memory: 'servers_by_memory_percent', checked: 'servers_by_checked_at' })[
    sort.replace('-', '')
  ] ?? ''; // prettier-ignore

test.each(serverSorts)(
  'a page of 10,000 servers by %s is read from its index: nothing is sorted, no more is read',
  async (sort) => {
    const { data, pagination } = await inMany((tx) => listServers(tx, filter({ sort })));
    expect(data).toHaveLength(200);
    const cursor = pagination.nextCursor ?? undefined;
    for (const more of [{ sort }, { sort, cursor }]) {
      const { sorts, index, read } = await walked(more);
      expect([sorts, index]).toEqual([false, indexOf(sort)]);
      expect(read).toBeLessThanOrEqual(201);
    }
  },
);

test.each(serverSorts)('all pages by %s together are every server once, in that order', async (sort) => {
  const seen: string[] = [];
  const figures: (number | string)[] = [];
  const ranks = ['unhealthy', 'no_answer', 'degraded', 'unknown', 'healthy'];
  const choice = { tag: ['db', 'eu'] }; // a thousand of them
  for (let cursor: string | undefined | null; cursor !== null;) {
    const page = await inMany((tx) => listServers(tx, filter({ ...choice, sort, cursor: cursor ?? undefined })));
    seen.push(...page.data.map(({ id }) => id));
    if (sort.endsWith('health')) figures.push(...page.data.map(({ health }) => ranks.indexOf(health)));
    if (sort.endsWith('name')) figures.push(...page.data.map(({ name }) => Number(name.slice(4))));
    cursor = page.pagination.nextCursor;
  }
  expect([seen.length, new Set(seen).size]).toEqual([1_000, 1_000]);
  const sorted = figures.toSorted((a, b) => Number(a) - Number(b));
  expect(figures).toEqual(sort.startsWith('-') ? sorted.toReversed() : sorted);
});

test('a cursor of another order, and one that is none, are refused', async () => {
  const { pagination } = await inMany((tx) => listServers(tx, filter({ sort: 'cpu' })));
  for (const [sort, cursor] of [
    ['name', pagination.nextCursor],
    ['cpu', 'nonsense'],
    ['checked', pagination.nextCursor],
  ] as const)
    // prettier-ignore
    await expect(inMany((tx) => listServers(tx, filter({ sort, cursor: cursor ?? '' })))).rejects.toMatchObject({
      code: 'contract.broken',
    });
});

test('all that a filter shows is found by id and name, up to a bound, and counted by health', async () => {
  const found = await inMany((tx) => findServerIds(tx, { tag: ['db'], health: ['unknown'] }));
  expect(found).toMatchObject({ isCapped: false });
  // Every tenth is a database server, and those fall into two states.
  expect(found.data.slice(0, 2)).toEqual([]);
  const healthy = await inMany((tx) => findServerIds(tx, { q: 'eu', health: ['healthy'] }));
  expect([healthy.data.length, healthy.data[0]?.name, healthy.data[1]?.name]).toEqual([1_000, 'web-10', 'web-20']);
  const bounded = await inMany((tx) => findServerIds(tx, {}, 3));
  expect([bounded.isCapped, bounded.data.map(({ name }) => name)]).toEqual([true, ['web-1', 'web-2', 'web-3']]);
  const counts = await inMany((tx) => countServers(tx, { tag: ['web'], health: ['degraded', 'unhealthy'] }));
  expect(counts).toMatchObject({ total: 9_000, matching: 4_000, health: { degraded: 2_000, healthy: 1_000 } });
});

/** A workspace of a test's own. */
const workspace = () => {
  const id = uuidv7();
  const work = <T>(act: Parameters<typeof inTenant<T>>[2]) => inTenant(db, id, act);
  const add = (name: string, tags: string[] = []) =>
    work((tx) => insertServer(tx, doer, NewServer.parse({ name, host: '10.0.0.1', tags })));
  return { work, add };
};

test('a check moves its server in the orders by load, memory and time; without facts the figures of before stay', async () => {
  const { work, add } = workspace();
  const [busy, calm] = [await add('a-busy'), await add('b-calm')];
  const names = async (sort: ServerFilter['sort']) =>
    (await work((tx) => listServers(tx, filter({ sort })))).data.map(({ name }) => name);
  const check = { reachable: true, health: 'healthy', latencyMs: 3, code: null, message: null } as const;
  const soon = new Date(Date.now() + 60_000);
  await work((tx) =>
    recordCheck(tx, calm.id, { ...check, facts: { load1: 0.1, cpus: 4, memoryUsedPercent: 90 } }, soon),
  );
  await work((tx) => recordCheck(tx, busy.id, { ...check, facts: { load1: 3, cpus: 2, memoryUsedPercent: 10 } }, soon));
  expect(await names('-cpu')).toEqual(['a-busy', 'b-calm']);
  expect(await names('-memory')).toEqual(['b-calm', 'a-busy']);
  await work((tx) => recordCheck(tx, calm.id, { ...check, health: 'no_answer', reachable: false, facts: null }, soon));
  expect(await names('-checked')).toEqual(['b-calm', 'a-busy']);
  expect(await names('-memory')).toEqual(['b-calm', 'a-busy']);
  expect(await names('health')).toEqual(['b-calm', 'a-busy']);
});

test('what takes a change of many back is told, and takes back no more than was done', async () => {
  const { work, add } = workspace();
  const one = await add('one', ['web', 'old']);
  const undo = await work((tx) =>
    changeOne(tx, doer, one.id, { addTags: ['web', 'nightly'], removeTags: ['old', 'eu'] }),
  );
  expect(undo).toEqual({ addTags: ['old'], removeTags: ['nightly'] });
  await work((tx) => changeOne(tx, doer, one.id, undo ?? {}));
  expect((await work((tx) => findServer(tx, one.id)))?.tags).toEqual(['old', 'web']);
  expect(await work((tx) => changeOne(tx, doer, one.id, { addTags: ['web'] }))).toBeNull();

  const until = '2031-01-01T00:00:00.000Z';
  const off = await work((tx) => changeOne(tx, doer, one.id, { maintenance: { reason: 'new disk', until } }));
  expect(off).toEqual({ maintenance: null });
  const on = await work((tx) => changeOne(tx, doer, one.id, { maintenance: null }));
  expect(on).toEqual({ maintenance: { reason: 'new disk', until } });
});

test('playbooks that can be told servers come first, with the input that takes most; deleted ones are not there', async () => {
  const { work } = workspace();
  const actor = { kind: 'user', id: null, name: 'Ada' } as const;
  const save = (name: string, inputs: object[]) =>
    work((tx) =>
      createPlaybook(tx, uuidv7(), { definition: { name, inputs, steps: [] } as never, yaml: '', note: null, actor }),
    );
  await save('A fixed one', []);
  await save('Restart', [
    { name: 'first', type: 'server' },
    { name: 'hosts', type: 'servers', label: 'Hosts', tags: ['web'], maxItems: 5 },
  ]);
  await save('Look at one', [{ name: 'host', type: 'server' }]);
  const { data, isCapped } = await work((tx) => listPlaybooksForServers(tx, undefined));
  expect(data.map(({ name, input }) => [name, input?.name ?? null, input?.type ?? null])).toEqual([
    ['Look at one', 'host', 'server'],
    ['Restart', 'hosts', 'servers'],
    ['A fixed one', null, null],
  ]);
  expect([isCapped, data[1]?.input]).toEqual([
    false,
    { name: 'hosts', type: 'servers', label: 'Hosts', tags: ['web'], anyTags: null, notTags: null, minItems: null, maxItems: 5 },
  ]); // prettier-ignore
  const found = await work((tx) => listPlaybooksForServers(tx, 'one', 1));
  expect([found.isCapped, found.data.map(({ name }) => name)]).toEqual([true, ['Look at one']]);
});
