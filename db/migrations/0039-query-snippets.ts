import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/** Pieces of queries, each put in by its trigger: a word that is one thing in the workspace, and one among a person's own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table query_snippets (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    trigger text not null,
    trigger_key text not null generated always as (lower(trigger)) stored,
    description text not null default '',
    body text not null check (char_length(body) <= 20000),
    engine text check (engine in ('sfmc', 'amc', 'postgres')),
    sharing text not null check (sharing in ('private', 'workspace')),
    owner jsonb not null,
    owner_id uuid not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id))`.execute(db);
  await sql`create unique index query_snippets_shared on query_snippets (workspace_id, trigger_key)
    where sharing = 'workspace'`.execute(db);
  await sql`create unique index query_snippets_own on query_snippets (workspace_id, owner_id, trigger_key)
    where sharing = 'private'`.execute(db);
  await protectTenantTable(db, 'query_snippets');
}
