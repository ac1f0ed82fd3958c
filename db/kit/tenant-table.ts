import { type Kysely, sql } from 'kysely';

/** Where a tenant table's `workspace_id` comes from when nobody names it: the transaction that `inTenant` made. */
export const currentTenant = sql`nullif(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * Makes a table a tenant's: forced row-level security, the policy on the transaction's workspace for the app's role,
 * and its rights. The table must have a column `workspace_id`.
 */
export async function protectTenantTable(
  db: Kysely<unknown>,
  table: string,
  rights = 'select, insert, update, delete',
): Promise<void> {
  const name = sql.table(table);
  await sql`alter table ${name} alter column workspace_id set default ${currentTenant}`.execute(db);
  await sql`alter table ${name} enable row level security`.execute(db);
  await sql`alter table ${name} force row level security`.execute(db);
  await sql`create policy tenant on ${name} to windlass_app using (workspace_id = ${currentTenant}) with check (workspace_id = ${currentTenant})`.execute(
    db,
  );
  await sql`grant ${sql.raw(rights)} on ${name} to windlass_app`.execute(db);
}

/**
 * The same for what belongs to a business unit of a connection: beside the workspace, the transaction must name the row's
 * `unit` (or `*` for all). Rows of connections without units have the unit `''` and are seen by all.
 */
export async function protectUnitTable(
  db: Kysely<unknown>,
  table: string,
  rights = 'select, insert, update, delete',
): Promise<void> {
  await protectTenantTable(db, table, rights);
  const mine = sql`unit = '' or coalesce(current_setting('app.mid', true), '') = '*'
    or unit = any(string_to_array(coalesce(current_setting('app.mid', true), ''), ','))`;
  await sql`create policy units on ${sql.table(table)} as restrictive to windlass_app using (${mine}) with check (${mine})`.execute(
    db,
  );
}

/**
 * Lets the system role do exactly this on a table, in every workspace: `select (id, status), update (status)`.
 * The policy opens the rows, the column grants bound what it can see and change.
 */
export async function openToSystem(db: Kysely<unknown>, table: string, rights: string): Promise<void> {
  const name = sql.table(table);
  await sql`grant ${sql.raw(rights)} on ${name} to windlass_system`.execute(db);
  await sql`create policy system on ${name} to windlass_system using (true) with check (true)`.execute(db);
}
