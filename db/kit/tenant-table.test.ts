import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '#tests/kit/test-database.ts';
import { type Db, openDatabase } from './database.ts';

let database: TestDatabase;
let owner: Db;
beforeAll(async () => {
  database = await testDatabase();
  owner = openDatabase(database.ownerUrl, { max: 1 });
});
afterAll(async () => {
  await owner?.destroy();
  await database?.close();
});

interface Facts {
  name: string;
  isForced: boolean;
  policies: { name: string; kind: string; roles: string[]; using: string | null; check: string | null }[];
  firstOfKey: string | null;
  grants: string[];
}

/** Every table of ours (partitions follow their parent) that carries a workspace. */
const tenantTables = async (): Promise<Facts[]> =>
  (
    await sql<Facts>`
      select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as "isForced",
        coalesce((select json_agg(json_build_object('name', p.policyname, 'kind', p.permissive, 'roles', p.roles, 'using', p.qual, 'check', p.with_check))
          from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname), '[]') as policies,
        (select a.attname from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
          where i.indrelid = c.oid and i.indisprimary) as "firstOfKey",
        coalesce((select json_agg(distinct g.grantee) from information_schema.role_table_grants g
          where g.table_schema = 'public' and g.table_name = c.relname), '[]') as grants
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped)
      order by c.relname`.execute(owner)
  ).rows;

test('every table with a workspace forces row-level security, with a policy on the transaction’s workspace for the app’s role', async () => {
  const tables = await tenantTables();
  expect(tables.length).toBeGreaterThan(10);
  for (const { name, isForced, policies } of tables) {
    expect(isForced, name).toBe(true);
    // A restrictive policy can only take away.
    const forApp = policies.filter(
      ({ roles, kind }) => kind !== 'RESTRICTIVE' && (roles.includes('windlass_app') || roles.includes('public')),
    );
    expect(
      forApp.map((policy) => policy.name),
      name,
    ).toEqual(['tenant']);
    for (const text of [forApp[0]?.using, forApp[0]?.check]) {
      expect(text, name).toMatch(/^\(workspace_id = .*current_setting\('app\.tenant_id'/);
    }
  }
});

test('what belongs to a business unit is held back further, by the units that the transaction names', async () => {
  const held = (await tenantTables()).filter(({ policies }) => policies.some(({ kind }) => kind === 'RESTRICTIVE'));
  const rulesOf = ({ policies }: (typeof held)[number]) =>
    policies.filter(({ kind }) => kind === 'RESTRICTIVE').map(({ using }) => using ?? '');
  const ofUnits = held.filter((table) => rulesOf(table).some((using) => using.includes('app.mid')));
  expect(ofUnits.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['connection_units', 'schema_objects', 'schema_reads']),
  );
  // What else restricts is a rule of the workspace that hides a thing from somebody.
  for (const table of held)
    for (const using of rulesOf(table)) expect(using, table.name).toMatch(/app\.(?:mid|hidden)/);
});

test('every such table’s key begins with the workspace', async () => {
  for (const { name, firstOfKey } of await tenantTables()) expect(firstOfKey, name).toBe('workspace_id');
});

test('no partition can be read past its parent’s policy', async () => {
  const { rows } = await sql<{ name: string }>`
    select g.table_name as name from information_schema.role_table_grants g join pg_class c on c.relname = g.table_name
    where c.relispartition and g.grantee in ('windlass_app', 'windlass_system', 'PUBLIC')`.execute(owner);
  expect(rows).toEqual([]);
});

test('the app’s role owns nothing, is no superuser and bypasses nothing', async () => {
  const { rows } = await sql<{ owned: number; isFree: boolean }>`
    select (select count(*) from pg_class where relowner = r.oid)::int as owned, r.rolsuper or r.rolbypassrls as "isFree"
    from pg_roles r where r.rolname in ('windlass_app', 'windlass_system')`.execute(owner);
  expect(rows).toEqual([
    { owned: 0, isFree: false },
    { owned: 0, isFree: false },
  ]);
});
