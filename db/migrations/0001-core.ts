import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** The house itself: instance, keys, the event stream, logs, runs with their steps, hosts and locks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`grant usage on schema public to windlass_app, windlass_system`.execute(db);
  await instanceTables(db);
  await streamTables(db);
  await partitionFunctions(db);
  await runTables(db);
}

async function instanceTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table instance (
    one boolean primary key default true check (one),
    epoch text not null,
    key_check text,
    created_at timestamptz not null default now())`.execute(db);
  await sql`insert into instance (epoch) values (replace(gen_random_uuid()::text, '-', ''))`.execute(db);
  await sql`grant select on instance to windlass_app`.execute(db);
  await sql`grant select, update (key_check, epoch) on instance to windlass_system`.execute(db);

  await sql`create table vault_keys (
    id text primary key,
    scope text not null,
    purpose text not null,
    wrapped text not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz)`.execute(db);
  await sql`create unique index vault_keys_current on vault_keys (scope, purpose) where retired_at is null`.execute(db);
  await sql`grant select, insert, update (wrapped, retired_at) on vault_keys to windlass_system`.execute(db);

  await sql`create table system_notes (
    name text primary key, value jsonb, at timestamptz not null default now())`.execute(db);
  await sql`grant select, insert, update, delete on system_notes to windlass_system`.execute(db);

  await sql`create table idempotency_keys (
    workspace_id uuid not null,
    route text not null,
    key text not null,
    body_hash text not null,
    reserved_id uuid not null,
    status integer,
    answer jsonb,
    created_at timestamptz not null default now(),
    primary key (workspace_id, route, key))`.execute(db);
  await protectTenantTable(db, 'idempotency_keys');
  await openToSystem(db, 'idempotency_keys', 'select (workspace_id, created_at), delete');
  await sql`create index idempotency_keys_age on idempotency_keys (created_at)`.execute(db);
}

async function streamTables(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence events_seq`.execute(db);
  await sql`create sequence run_logs_seq`.execute(db);
  await sql`create table events (
    workspace_id uuid not null,
    at timestamptz not null default now(),
    seq bigint not null default nextval('events_seq'),
    xid xid8 not null default pg_current_xact_id(),
    type text not null,
    subject text,
    run_id uuid,
    actor jsonb,
    data jsonb not null default '{}',
    primary key (workspace_id, at, seq)) partition by range (at)`.execute(db);
  await sql`create index events_tail on events (xid, seq)`.execute(db);
  await sql`create index events_run on events (workspace_id, run_id, seq) where run_id is not null`.execute(db);
  await sql`create table run_logs (
    workspace_id uuid not null,
    at timestamptz not null default now(),
    seq bigint not null default nextval('run_logs_seq'),
    xid xid8 not null default pg_current_xact_id(),
    run_id uuid not null,
    address text not null,
    host text not null,
    stream text not null check (stream in ('stdout', 'stderr', 'system')),
    attempt integer not null,
    from_byte bigint not null,
    text text not null,
    primary key (workspace_id, run_id, at, seq)) partition by range (at)`.execute(db);
  await sql`create index run_logs_read on run_logs (workspace_id, run_id, xid, seq)`.execute(db);
  for (const table of ['events', 'run_logs']) {
    await sql`create table ${sql.table(`${table}_default`)} partition of ${sql.table(table)} default`.execute(db);
    await protectTenantTable(db, table, 'select, insert');
  }
  await sql`grant usage on sequence events_seq, run_logs_seq to windlass_app, windlass_system`.execute(db);
  await openToSystem(db, 'events', 'select, insert');
  await openToSystem(db, 'run_logs', 'select (workspace_id, at, run_id)');
}

/** Making and dropping partitions needs the owner: functions of the owner's, which the system role may call. */
async function partitionFunctions(db: Kysely<unknown>): Promise<void> {
  await sql`create function windlass_make_partitions(days integer) returns void
    language plpgsql security definer set search_path = public as $$
    declare parent text; day date; name text;
    begin
      perform pg_advisory_xact_lock(hashtext('windlass_make_partitions'));
      foreach parent in array array['events', 'run_logs'] loop
        for day in select generate_series(current_date - 1, current_date + days, interval '1 day')::date loop
          name := parent || '_' || to_char(day, 'YYYYMMDD');
          if to_regclass(name) is null then
            execute format('create table %I partition of %I for values from (%L) to (%L)',
              name, parent, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
          end if;
        end loop;
      end loop;
    end $$`.execute(db);
  await sql`create function windlass_drop_partitions(parent text, before date) returns setof text
    language plpgsql security definer set search_path = public as $$
    declare name text;
    begin
      if parent not in ('events', 'run_logs') then raise exception 'not a partitioned table of ours: %', parent; end if;
      for name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = parent::regclass and c.relname ~ ('^' || parent || '_[0-9]{8}$')
          and to_date(right(c.relname, 8), 'YYYYMMDD') < before
      loop
        execute format('drop table %I', name);
        return next name;
      end loop;
    end $$`.execute(db);
  await sql`revoke all on function windlass_make_partitions(integer), windlass_drop_partitions(text, date) from public`.execute(
    db,
  );
  await sql`grant execute on function windlass_make_partitions(integer), windlass_drop_partitions(text, date) to windlass_system`.execute(
    db,
  );
  await sql`select windlass_make_partitions(7)`.execute(db);
}

async function runTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table runs (
    workspace_id uuid not null,
    id uuid not null,
    kind text not null,
    shape text not null check (shape in ('job', 'entity', 'part')),
    title text not null,
    status text not null check (status in ('queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled', 'timed_out')),
    waiting_for text,
    trigger text not null,
    trigger_id uuid,
    actor jsonb not null,
    actor_id uuid,
    parent_run_id uuid,
    root_run_id uuid,
    subject_kind text,
    subject_id text,
    subject_version integer,
    inputs jsonb,
    outputs jsonb,
    error jsonb,
    progress jsonb,
    strand jsonb not null default '[]',
    undo jsonb,
    undo_plan jsonb not null default '[]',
    warnings integer not null default 0,
    tags text[] not null default '{}',
    workflow_type text not null,
    task_queue text not null,
    sealed_input text,
    admitted_at timestamptz,
    concurrency_key text,
    concurrency_limit integer,
    rerun_of uuid,
    cancel_requested_at timestamptz,
    cancel_undo boolean,
    journal_seq integer not null default 0,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    primary key (workspace_id, id))`.execute(db);
  await protectTenantTable(db, 'runs');
  // Lists: newest top-level jobs; by status; by subject; children; the few that are alive.
  await sql`create index runs_top on runs (workspace_id, id desc) where shape = 'job' and parent_run_id is null`.execute(
    db,
  );
  await sql`create index runs_by_status on runs (workspace_id, status, id desc) where shape = 'job'`.execute(db);
  await sql`create index runs_by_subject on runs (workspace_id, subject_kind, subject_id, id desc)`.execute(db);
  await sql`create index runs_children on runs (workspace_id, parent_run_id, id) where parent_run_id is not null`.execute(
    db,
  );
  await sql`create index runs_alive on runs (workspace_id, id) where ended_at is null`.execute(db);
  await sql`create index runs_alive_everywhere on runs (status, created_at) where ended_at is null`.execute(db);
  await sql`create index runs_ended on runs (workspace_id, ended_at desc) where ended_at is not null and shape = 'job'`.execute(
    db,
  );
  await sql`create index runs_key on runs (workspace_id, subject_id, concurrency_key) where ended_at is null and concurrency_key is not null`.execute(
    db,
  );
  await openToSystem(
    db,
    'runs',
    `select (workspace_id, id, kind, shape, status, created_at, started_at, ended_at, admitted_at,
    workflow_type, task_queue, sealed_input, cancel_requested_at, parent_run_id)`,
  );

  await sql`create table run_steps (
    workspace_id uuid not null,
    run_id uuid not null,
    address text not null,
    id text not null,
    parent text,
    kind text not null,
    name text,
    section text not null default 'steps',
    status text not null,
    reason text,
    attempts jsonb not null default '[]',
    started_at timestamptz,
    ended_at timestamptz,
    output jsonb,
    sealed_output text,
    error jsonb,
    carried boolean not null default false,
    undo text,
    waiting_until timestamptz,
    child_run_id uuid,
    position integer not null,
    primary key (workspace_id, run_id, address),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'run_steps');

  await sql`create table run_hosts (
    workspace_id uuid not null,
    run_id uuid not null,
    address text not null,
    host text not null,
    server_id uuid,
    batch integer not null default 0,
    status text not null,
    attempt integer not null default 1,
    exit_code integer,
    signal text,
    error jsonb,
    stdout_bytes bigint not null default 0,
    stderr_bytes bigint not null default 0,
    stdout text not null default '',
    stderr text not null default '',
    truncated boolean not null default false,
    facts jsonb,
    phase text,
    started_at timestamptz,
    ended_at timestamptz,
    primary key (workspace_id, run_id, address, host),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'run_hosts');
  await sql`create index run_hosts_by_server on run_hosts (workspace_id, server_id, run_id desc) where server_id is not null`.execute(
    db,
  );

  await sql`create table run_locks (
    workspace_id uuid not null,
    name text not null,
    run_id uuid not null,
    address text not null,
    slots integer not null,
    asked_at timestamptz not null default clock_timestamp(),
    held_at timestamptz,
    primary key (workspace_id, name, run_id, address),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'run_locks');
}
