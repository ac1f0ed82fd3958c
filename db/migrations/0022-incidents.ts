import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Incidents with their stories, tasks and links; what their workflows are to be told; a workspace's own names. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table incident_settings (
    workspace_id uuid primary key references workspaces on delete cascade,
    names jsonb not null default '{}',
    prefix text not null default 'INC',
    postmortem_outline text)`.execute(db);
  await protectTenantTable(db, 'incident_settings');
  // Apart from the settings, so that whoever changes those is not waited for by whoever opens an incident.
  await sql`create table incident_numbers (
    workspace_id uuid primary key references workspaces on delete cascade,
    last int not null)`.execute(db);
  await protectTenantTable(db, 'incident_numbers');

  await sql`create table incidents (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    number int not null,
    key text not null,
    title text not null,
    description text not null default '',
    severity text not null,
    state text not null default 'open',
    is_active boolean generated always as (state in ('open', 'acknowledged', 'investigating', 'pending', 'mitigated')) stored,
    service text,
    owner_id uuid,
    escalation_policy_id uuid,
    sla_policy_id uuid,
    responders jsonb not null default '[]',
    -- What time goes by (contracts/incidents/due-deeds.ts).
    clocks jsonb not null default '{"respond":[],"resolve":[]}',
    told jsonb not null default '{}',
    escalation jsonb,
    -- What follows from it, for lists: clocks as they were at the last look, and until when that can be counted on.
    shown_clocks jsonb not null default '[]',
    risk_at timestamptz,
    breach_at timestamptz,
    is_paused boolean not null default false,
    escalation_level int not null default 0,
    next_escalation_at timestamptz,
    next_at timestamptz,
    alerts_firing int not null default 0,
    alerts_total int not null default 0,
    resolves_with_alerts boolean not null default true,
    merged_into uuid,
    postmortem text not null default '',
    dedup_key text,
    is_begun boolean not null default false,
    version int not null default 1,
    revision int not null default 1,
    created_by jsonb not null,
    opened_at timestamptz not null default now(),
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    state_since timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    search_text text generated always as (lower(key || ' ' || title || ' ' || coalesce(service, ''))) stored,
    primary key (workspace_id, id),
    constraint incidents_number unique (workspace_id, number))`.execute(db);
  await sql`create unique index incidents_dedup on incidents (workspace_id, dedup_key) where dedup_key is not null`.execute(
    db,
  );
  // Lists are newest first, and ids are made in the order of time: each filter reads on in its own index.
  await sql`create index incidents_active on incidents (workspace_id, id desc) where is_active`.execute(db);
  await sql`create index incidents_by_state on incidents (workspace_id, state, id desc)`.execute(db);
  await sql`create index incidents_by_severity on incidents (workspace_id, severity, id desc)`.execute(db);
  await sql`create index incidents_by_service on incidents (workspace_id, service, id desc)`.execute(db);
  await sql`create index incidents_by_owner on incidents (workspace_id, owner_id, id desc)`.execute(db);
  await sql`create index incidents_by_opening on incidents (workspace_id, opened_at)`.execute(db);
  await sql`create index incidents_closed on incidents (workspace_id, state, state_since desc) where not is_active`.execute(
    db,
  );
  await sql`create index incidents_search on incidents using gin (search_text gin_trgm_ops)`.execute(db);
  await sql`create index incidents_due on incidents (next_at) where next_at is not null`.execute(db);
  await protectTenantTable(db, 'incidents');
  await openToSystem(db, 'incidents', 'select (workspace_id, id, next_at)');

  const below = sql`workspace_id uuid not null, incident_id uuid not null`;
  const parent = sql`foreign key (workspace_id, incident_id) references incidents on delete cascade`;
  await sql`create table incident_timeline (${below},
    id uuid not null,
    at timestamptz not null default now(),
    kind text not null,
    actor jsonb not null,
    text text not null,
    details jsonb not null default '{}',
    dedup_key text,
    edited_at timestamptz,
    primary key (workspace_id, incident_id, id), ${parent})`.execute(db);
  await sql`create index incident_timeline_at on incident_timeline (workspace_id, incident_id, at desc, id desc)`.execute(
    db,
  );
  await sql`create unique index incident_timeline_dedup on incident_timeline (workspace_id, incident_id, dedup_key)
    where dedup_key is not null`.execute(db);
  await protectTenantTable(db, 'incident_timeline');

  await sql`create table incident_tasks (${below},
    id uuid not null,
    title text not null,
    assignee_id uuid,
    created_at timestamptz not null default now(),
    done_at timestamptz,
    primary key (workspace_id, incident_id, id), ${parent})`.execute(db);
  await protectTenantTable(db, 'incident_tasks');

  await sql`create table incident_links (${below},
    id uuid not null,
    kind text not null,
    ref text not null,
    label text not null default '',
    added_at timestamptz not null default now(),
    primary key (workspace_id, incident_id, id),
    constraint incident_links_once unique (workspace_id, incident_id, kind, ref), ${parent})`.execute(db);
  await sql`create index incident_links_ref on incident_links (workspace_id, kind, ref)`.execute(db);
  await protectTenantTable(db, 'incident_links');

  await sql`create table incident_signals (${below},
    id uuid not null,
    signal jsonb not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, id), ${parent})`.execute(db);
  await sql`create index incident_signals_old on incident_signals (created_at)`.execute(db);
  await protectTenantTable(db, 'incident_signals');
  await openToSystem(db, 'incident_signals', 'select, delete');
}
