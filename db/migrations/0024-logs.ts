import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Logs of others: events by day, who sends them, what is searched for again, and how long they are kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sourceTables(db);
  await eventTables(db);
  await searchTables(db);
  await keepingTables(db);
  await partitions(db);
}

async function sourceTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table log_sources (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    description text not null default '',
    sender text not null,
    time_zone text not null default 'UTC',
    enabled boolean not null default true,
    version integer not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id),
    constraint log_sources_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'log_sources');
  await openToSystem(db, 'log_sources', 'select (workspace_id, id, enabled, time_zone)');
  await sql`create table log_source_tokens (
    workspace_id uuid not null,
    id uuid not null,
    source_id uuid not null,
    token_hash text not null,
    hint text not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, id),
    foreign key (workspace_id, source_id) references log_sources on delete cascade)`.execute(db);
  await sql`create unique index log_source_tokens_hash on log_source_tokens (token_hash)`.execute(db);
  await sql`create index log_source_tokens_of on log_source_tokens (workspace_id, source_id, id)`.execute(db);
  await protectTenantTable(db, 'log_source_tokens');
  await openToSystem(db, 'log_source_tokens', 'select (workspace_id, source_id, token_hash)');
}

async function eventTables(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence log_events_seq cache 500`.execute(db);
  await sql`create table log_events (
    workspace_id uuid not null,
    at timestamptz not null,
    seq bigint not null default nextval('log_events_seq'),
    source_id uuid,
    severity smallint not null,
    host text,
    service text,
    text text not null,
    attributes jsonb not null,
    trace_id text,
    span_id text,
    primary key (workspace_id, at, seq)) partition by range (at)`.execute(db);
  await protectTenantTable(db, 'log_events', 'select');
  await sql`create table log_events_default partition of log_events default`.execute(db);
  await sql`grant usage on sequence log_events_seq to windlass_app`.execute(db);

  // Keys under which senders send again what they do not know to have arrived.
  await sql`create table log_keys (
    workspace_id uuid not null,
    source_id uuid not null,
    key text not null,
    at timestamptz not null default now(),
    primary key (workspace_id, source_id, key))`.execute(db);
  await sql`create index log_keys_age on log_keys using brin (at)`.execute(db);
  await protectTenantTable(db, 'log_keys', 'select, insert');
  await openToSystem(db, 'log_keys', 'select (at), delete');
}

async function searchTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table log_searches (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    search text not null,
    alert jsonb,
    state text not null default 'quiet' check (state in ('quiet', 'firing')),
    state_at timestamptz,
    last_count integer,
    due_at timestamptz,
    version integer not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id),
    constraint log_searches_name unique (workspace_id, name))`.execute(db);
  await sql`create index log_searches_due on log_searches (due_at) where due_at is not null`.execute(db);
  await protectTenantTable(db, 'log_searches');
  await openToSystem(db, 'log_searches', 'select (workspace_id, id, due_at)');
}

async function keepingTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table log_keeping (
    workspace_id uuid primary key references workspaces on delete cascade,
    keep_days integer not null default 14 check (keep_days between 1 and 400),
    quota_bytes bigint,
    updated_at timestamptz not null default now())`.execute(db);
  await protectTenantTable(db, 'log_keeping');
  await openToSystem(db, 'log_keeping', 'select');
  // What came, by source and day of the events: exact, for it is written with them.
  await sql`create table log_days (
    workspace_id uuid not null,
    day date not null,
    source_id uuid not null,
    events bigint not null default 0,
    bytes bigint not null default 0,
    duplicates bigint not null default 0,
    rejected bigint not null default 0,
    lost bigint not null default 0,
    last_at timestamptz,
    primary key (workspace_id, day, source_id))`.execute(db);
  await protectTenantTable(db, 'log_days');
  await sql`create table log_trims (
    workspace_id uuid not null references workspaces on delete cascade,
    at timestamptz not null default now(),
    before_day date not null,
    events bigint not null,
    bytes bigint not null,
    primary key (workspace_id, at))`.execute(db);
  await protectTenantTable(db, 'log_trims', 'select, insert, delete');
}

/**
 * Partitions of three tables. COPY, the fastest way in, is refused on a table with row-level security, so the app's role
 * may copy into a day's partition itself: into every column but the workspace, which only the transaction can give. It
 * reads none of them but through the parent.
 */
async function partitions(db: Kysely<unknown>): Promise<void> {
  await sql`create function windlass_open_log_partition(name text) returns void
    language plpgsql security definer set search_path = public as $$
    begin
      execute format('grant insert (at, source_id, severity, host, service, text, attributes, trace_id, span_id) on %I to windlass_app', name);
    end $$`.execute(db);
  await sql`revoke all on function windlass_open_log_partition(text) from public`.execute(db);
  await sql`select windlass_open_log_partition('log_events_default')`.execute(db);
  await sql`create or replace function windlass_make_partitions(days integer) returns void
    language plpgsql security definer set search_path = public as $$
    declare parent text; day date; name text;
    begin
      perform pg_advisory_xact_lock(hashtext('windlass_make_partitions'));
      foreach parent in array array['events', 'run_logs', 'log_events'] loop
        for day in select generate_series(current_date - 1, current_date + days, interval '1 day')::date loop
          name := parent || '_' || to_char(day, 'YYYYMMDD');
          if to_regclass(name) is null then
            execute format('create table %I partition of %I for values from (%L) to (%L)',
              name, parent, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
            if parent = 'log_events' then perform windlass_open_log_partition(name); end if;
          end if;
        end loop;
      end loop;
    end $$`.execute(db);
  await sql`create or replace function windlass_drop_partitions(parent text, before date) returns setof text
    language plpgsql security definer set search_path = public as $$
    declare name text;
    begin
      if parent not in ('events', 'run_logs', 'log_events') then raise exception 'not a partitioned table of ours: %', parent; end if;
      for name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = parent::regclass and c.relname ~ ('^' || parent || '_[0-9]{8}$')
          and to_date(right(c.relname, 8), 'YYYYMMDD') < before
      loop
        execute format('drop table %I', name);
        return next name;
      end loop;
    end $$`.execute(db);
  await sql`create or replace function windlass_trim(target text, workspace uuid, before timestamptz, most integer) returns integer
    language plpgsql security definer set search_path = public set row_security = off as $$
    declare removed integer;
    begin
      if target not in ('events', 'run_logs', 'audit_entries', 'log_events') then
        raise exception 'nothing is trimmed here: %', target;
      end if;
      execute format('delete from %1$I where ctid = any (array(
        select ctid from %1$I where workspace_id = $1 and at < $2 limit $3)) and workspace_id = $1 and at < $2', target)
        using workspace, before, most;
      get diagnostics removed = row_count;
      return removed;
    end $$`.execute(db);
  await sql`select windlass_make_partitions(7)`.execute(db);
}
