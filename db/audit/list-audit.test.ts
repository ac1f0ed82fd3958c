import { CompiledQuery, type LogEvent, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from '../kit/database.ts';
import { inTenant } from '../kit/in-tenant.ts';
import { countAudit, listAudit, listAuditNames } from './list-audit.ts';

let database: TestDatabase;
let db: Db;
let statements: LogEvent['query'][] = [];
const workspaceId = uuidv7();
const work = <T>(act: Parameters<typeof inTenant<T>>[2]) => inTenant(db, workspaceId, act);

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.appUrl, { log: ({ query }) => void statements.push(query) });
  await work((tx) =>
    sql`insert into audit_entries (id, at, actor, actor_id, action, subject, title)
      select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, now() - make_interval(secs => n),
        jsonb_build_object('kind', 'user', 'id', who, 'name', 'Person ' || n % 7), who,
        (array['server.created', 'server.changed', 'run.started', 'secret.read'])[1 + n % 4], 'server:' || n % 50, 'T'
      from (select n, ('00000000-0000-7000-8000-00000000000' || n % 7)::uuid as who from generate_series(1, 20000) n) all_of_them
    `.execute(tx),
  );
  const owner = openDatabase(database.ownerUrl, { max: 1 });
  await sql`analyze audit_entries`.execute(owner);
  await owner.destroy();
});
afterAll(async () => {
  await db.destroy();
  await database.close();
});

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How many entries the database has looked at for the statements of an act. */
async function entriesRead(act: Parameters<typeof inTenant<unknown>>[2]): Promise<number> {
  return work(async (tx) => {
    statements = [];
    await act(tx);
    let read = 0;
    for (const { sql: text, parameters } of statements.filter((one) => one.sql.includes('audit_entries'))) {
      const { rows } = await tx.executeQuery<Record<string, [{ Plan: PlanNode }]>>(
        CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]),
      );
      const [plan] = Object.values(rows[0] ?? {})[0] ?? [];
      for (const node of plan ? nodesOf(plan.Plan) : [])
        if (node['Relation Name'])
          read += (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    }
    return read;
  });
}

test('who and what stands in a long log is named without reading it', async () => {
  const { actors, actions } = await work(listAuditNames);
  expect([actors.length, actions]).toEqual([7, ['run.started', 'secret.read', 'server.changed', 'server.created']]);
  expect(await entriesRead(listAuditNames)).toBeLessThan(100);
});

test('a page of a long log is read from an index, whatever narrows it', async () => {
  const actor = ['00000000-0000-7000-8000-000000000003'];
  for (const filter of [{}, { actor }, { action: ['secret.read'] }, { subject: 'server:7' }])
    expect([filter, (await entriesRead((tx) => listAudit(tx, { limit: 100, ...filter }))) < 1_500]).toEqual([
      filter,
      true,
    ]);
});

test('entries are counted to a bound, and beyond it said to be more', async () => {
  expect(await work((tx) => countAudit(tx, { action: ['secret.*'] }))).toMatchObject({ total: 5_000, isCapped: false });
  expect(await work((tx) => countAudit(tx, {}))).toMatchObject({ total: 10_000, isCapped: true });
});
