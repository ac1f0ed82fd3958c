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
 * Lets the system role do exactly this on a table, in every workspace: `select (id, status), update (status)`.
 * The policy opens the rows, the column grants bound what it can see and change.
 */
export async function openToSystem(db: Kysely<unknown>, table: string, rights: string): Promise<void> {
  const name = sql.table(table);
  await sql`grant ${sql.raw(rights)} on ${name} to windlass_system`.execute(db);
  await sql`create policy system on ${name} to windlass_system using (true) with check (true)`.execute(db);
}
