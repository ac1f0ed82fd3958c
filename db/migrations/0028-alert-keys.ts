import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Keys under which senders tell an event again whose answer they missed (CloudEvents' source and id): it counts once. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table alert_keys (
    workspace_id uuid not null references workspaces on delete cascade,
    source_id uuid not null,
    key_hash text not null,
    at timestamptz not null default now(),
    primary key (workspace_id, source_id, key_hash))`.execute(db);
  await sql`create index alert_keys_age on alert_keys using brin (at)`.execute(db);
  await protectTenantTable(db, 'alert_keys', 'select, insert');
  await openToSystem(db, 'alert_keys', 'select (at), delete');
}
