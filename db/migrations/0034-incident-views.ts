import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/** Views of the list of incidents that people save, for themselves or for the workspace. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table incident_views (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    query text not null,
    is_shared boolean not null default false,
    owner jsonb not null,
    owner_id uuid not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id))`.execute(db);
  await sql`create unique index incident_views_name on incident_views (workspace_id, owner_id, lower(name))`.execute(
    db,
  );
  await protectTenantTable(db, 'incident_views');
}
