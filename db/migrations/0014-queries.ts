import { type Kysely, sql } from 'kysely';
import { currentTenant, openToSystem, protectTenantTable, protectUnitTable } from '../kit/tenant-table.ts';

/** Query executions, what they leave at the services, saved queries and open tabs. Rows of results are in no table. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await queryRuns(db);
  await historySearch(db);
  await remoteAssets(db);
  await savedQueries(db);
  await tabs(db);
}

async function queryRuns(db: Kysely<unknown>): Promise<void> {
  await sql`create table query_runs (
    workspace_id uuid not null,
    run_id uuid not null,
    connection_id uuid not null,
    connection_name text not null,
    engine text not null,
    unit text not null default '',
    unit_name text,
    query_id uuid,
    query_version integer,
    title text not null,
    sql_text text not null,
    parameter_defs jsonb not null default '[]',
    parameters jsonb not null default '[]',
    time_window jsonb,
    options jsonb not null default '{}',
    columns jsonb,
    remarks jsonb not null default '[]',
    phase text not null default 'queued',
    phases jsonb not null default '[]',
    ref jsonb,
    is_adopted boolean not null default false,
    row_count bigint,
    note text,
    failure jsonb,
    expires_at timestamptz,
    cleanup_state text not null default 'nothing',
    removed_count integer not null default 0,
    left_count integer not null default 0,
    cleaned_at timestamptz,
    closed_at timestamptz,
    created_at timestamptz not null default now(),
    search_text text not null generated always as (lower(title || E'\n' || sql_text)) stored,
    primary key (workspace_id, run_id),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await sql`create index query_runs_of_connection on query_runs (workspace_id, connection_id, run_id)`.execute(db);
  await sql`create index query_runs_of_query on query_runs (workspace_id, query_id, run_id) where query_id is not null`.execute(
    db,
  );
  await protectUnitTable(db, 'query_runs');
}

/**
 * Search in the history. Under row-level security no index serves `like`, for its operator may leak; so the index is asked
 * by a function of the owner's, which holds to the workspace and the units of the transaction itself and tells ids alone.
 */
async function historySearch(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists pg_trgm`.execute(db);
  await sql`create index query_runs_search on query_runs using gin (search_text gin_trgm_ops)`.execute(db);
  // By `execute`, so that the plan is made for this very pattern: a rare one by the index, a common one by the newest runs.
  await sql`create function windlass_find_query_runs(pattern text, before uuid, of_connection uuid, of_unit text,
      of_query uuid, statuses text[], person uuid, most integer) returns setof uuid
    language plpgsql stable security definer set search_path = public set row_security = off as $$
    begin
      return query execute 'select q.run_id from query_runs q join runs r on r.workspace_id = q.workspace_id and r.id = q.run_id
        where q.workspace_id = $1 and q.search_text like $2
          and (q.unit = '''' or $3 = ''*'' or q.unit = any(string_to_array($3, '','')))
          and ($4 is null or q.run_id < $4) and ($5 is null or q.connection_id = $5) and ($6 is null or q.unit = $6)
          and ($7 is null or q.query_id = $7) and ($8 is null or r.status = any($8)) and ($9 is null or r.actor_id = $9)
        order by q.run_id desc limit $10'
        using ${currentTenant}, pattern, coalesce(current_setting('app.mid', true), ''), before, of_connection, of_unit,
          of_query, statuses, person, most;
    end $$`.execute(db);
  const search = sql`function windlass_find_query_runs(text, uuid, uuid, text, uuid, text[], uuid, integer)`;
  await sql`revoke all on ${search} from public`.execute(db);
  await sql`grant execute on ${search} to windlass_app`.execute(db);
}

async function remoteAssets(db: Kysely<unknown>): Promise<void> {
  // No key to `runs`: what is at a service is known for as long as it is there.
  await sql`create table remote_assets (
    workspace_id uuid not null,
    run_id uuid not null,
    kind text not null,
    name text not null,
    connection_id uuid not null,
    engine text not null,
    unit text not null default '',
    ref jsonb not null,
    created_at timestamptz not null default now(),
    due_at timestamptz not null,
    attempts integer not null default 0,
    failure jsonb,
    primary key (workspace_id, run_id, kind, name))`.execute(db);
  await sql`create index remote_assets_due on remote_assets (due_at)`.execute(db);
  await sql`create index remote_assets_of_connection on remote_assets (workspace_id, connection_id)`.execute(db);
  await protectUnitTable(db, 'remote_assets');
  await openToSystem(db, 'remote_assets', 'select (workspace_id, run_id, connection_id, unit, due_at)');
}

async function savedQueries(db: Kysely<unknown>): Promise<void> {
  await sql`create table queries (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    name_key text not null generated always as (lower(name)) stored,
    description text not null default '',
    folder text not null default '',
    tags text[] not null default '{}',
    sharing text not null check (sharing in ('private', 'workspace')),
    owner jsonb not null,
    owner_id uuid not null,
    engine text not null,
    connection_id uuid,
    unit text,
    version integer not null,
    forked_from_id uuid,
    forked_from_version integer,
    reviewed_by jsonb,
    reviewed_at timestamptz,
    reviewed_version integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id))`.execute(db);
  await sql`create index queries_by_name on queries (workspace_id, name_key, id)`.execute(db);
  await sql`create index queries_by_change on queries (workspace_id, updated_at, id)`.execute(db);
  await protectTenantTable(db, 'queries');
  await sql`create table query_versions (
    workspace_id uuid not null,
    query_id uuid not null,
    version integer not null,
    body jsonb not null,
    note text not null default '',
    saved_by jsonb not null,
    saved_by_id uuid not null,
    restored_from integer,
    saved_at timestamptz not null default now(),
    primary key (workspace_id, query_id, version),
    foreign key (workspace_id, query_id) references queries on delete cascade)`.execute(db);
  // Versions are immutable: the app's role has no right to change or delete one.
  await protectTenantTable(db, 'query_versions', 'select, insert');
  await sql`create table query_favourites (
    workspace_id uuid not null,
    query_id uuid not null,
    person_id uuid not null,
    primary key (workspace_id, person_id, query_id),
    foreign key (workspace_id, query_id) references queries on delete cascade)`.execute(db);
  await protectTenantTable(db, 'query_favourites');
}

/** Open tabs with the texts of their last revisions, from which two browsers are merged. */
async function tabs(db: Kysely<unknown>): Promise<void> {
  await sql`create table query_tabs (
    workspace_id uuid not null references workspaces on delete cascade,
    person_id uuid not null,
    id uuid not null,
    revision integer not null,
    sql_text text not null,
    state jsonb not null,
    position double precision not null,
    updated_at timestamptz not null default now(),
    primary key (workspace_id, person_id, id))`.execute(db);
  await protectTenantTable(db, 'query_tabs');
  await sql`create table query_tab_texts (
    workspace_id uuid not null,
    person_id uuid not null,
    tab_id uuid not null,
    revision integer not null,
    sql_text text not null,
    primary key (workspace_id, person_id, tab_id, revision),
    foreign key (workspace_id, person_id, tab_id) references query_tabs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'query_tab_texts');
}
