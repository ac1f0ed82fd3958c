import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** What is promised for incidents, what starts by itself for them, what reports are made of, and what the public is told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const thing = sql`workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    version int not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id)`;
  await sql`create table sla_calendars (${thing},
    calendar jsonb not null,
    constraint sla_calendars_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'sla_calendars');
  await sql`create table sla_policies (${thing},
    policy jsonb not null,
    calendar_id uuid,
    constraint sla_policies_name unique (workspace_id, name),
    constraint sla_policies_calendar foreign key (workspace_id, calendar_id) references sla_calendars)`.execute(db);
  await protectTenantTable(db, 'sla_policies');

  await sql`create table incident_rules (${thing},
    happenings text[] not null,
    condition text,
    playbook_id uuid not null,
    playbook_version int,
    inputs jsonb not null,
    mode text not null check (mode in ('suggest', 'auto')),
    limits jsonb not null,
    enabled boolean not null,
    tripped_at timestamptz,
    tripped_why text,
    failures int not null default 0,
    constraint incident_rules_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'incident_rules');

  // One row for each time that a rule was asked or a playbook was wanted. `due`: it is to run and has its run's id.
  await sql`create table incident_starts (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    incident_id uuid not null,
    rule_id uuid,
    playbook_id uuid not null,
    playbook_version int,
    happened text,
    facts jsonb not null default '{}',
    inputs jsonb,
    status text not null check (status in ('pending', 'passed', 'held', 'suggested', 'dismissed', 'due', 'started', 'ended', 'failed')),
    hosts text[] not null default '{}',
    depth int not null default 1,
    run_id uuid,
    run_status text,
    why text not null default '',
    error jsonb,
    actor jsonb not null,
    at timestamptz not null default now(),
    decided_by jsonb,
    decided_at timestamptz,
    ended_at timestamptz,
    primary key (workspace_id, id))`.execute(db);
  // The same playbook never runs twice at once for an incident, whoever asks and how often.
  await sql`create unique index incident_starts_once on incident_starts (workspace_id, incident_id, playbook_id) where status in ('due', 'started')`.execute(
    db,
  );
  await sql`create index incident_starts_waiting on incident_starts (at) where status in ('pending', 'due')`.execute(
    db,
  );
  await sql`create index incident_starts_running on incident_starts (run_id) where status = 'started'`.execute(db);
  await sql`create index incident_starts_run on incident_starts (workspace_id, run_id) where run_id is not null`.execute(
    db,
  );
  await sql`create index incident_starts_rule on incident_starts (workspace_id, rule_id, at desc)`.execute(db);
  await sql`create index incident_starts_incident on incident_starts (workspace_id, incident_id, at desc)`.execute(db);
  await protectTenantTable(db, 'incident_starts');
  await openToSystem(db, 'incident_starts', 'select (workspace_id, id, status, at, run_id)');

  await sql`create table incident_clock_ends (
    workspace_id uuid not null references workspaces on delete cascade,
    incident_id uuid not null,
    kind text not null,
    severity text not null,
    service text,
    policy_id uuid,
    target_ms bigint not null,
    used_ms bigint not null,
    opened_at timestamptz not null,
    ended_at timestamptz not null,
    is_kept boolean not null,
    computed_at timestamptz not null default now(),
    primary key (workspace_id, incident_id, kind))`.execute(db);
  await sql`create index incident_clock_ends_opened on incident_clock_ends (workspace_id, opened_at)`.execute(db);
  await protectTenantTable(db, 'incident_clock_ends');

  await sql`create table status_pages (
    workspace_id uuid not null references workspaces on delete cascade primary key,
    slug text not null,
    is_on boolean not null default false,
    title text not null,
    intro text not null default '',
    services jsonb not null default '[]',
    version int not null default 1,
    updated_at timestamptz not null default now())`.execute(db);
  await sql`create unique index status_pages_slug on status_pages (slug)`.execute(db);
  await protectTenantTable(db, 'status_pages');
  await openToSystem(db, 'status_pages', 'select (workspace_id, slug, is_on)');
  await sql`create table status_updates (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    incident_id uuid not null,
    title text not null,
    phase text not null,
    impact text not null,
    services text[] not null,
    text text not null,
    published_by jsonb not null,
    published_at timestamptz not null default now(),
    primary key (workspace_id, id))`.execute(db);
  await sql`create index status_updates_recent on status_updates (workspace_id, published_at desc)`.execute(db);
  await sql`create index status_updates_of on status_updates (workspace_id, incident_id, published_at desc)`.execute(
    db,
  );
  await protectTenantTable(db, 'status_updates');
}
