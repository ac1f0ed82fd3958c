import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Alerts: sources with their tokens, alerts by fingerprint, groups, rules, silences, marks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const thing = sql`workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    version int not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id)`;
  await sql`create table alert_sources (${thing},
    format text not null,
    mapping jsonb,
    defaults jsonb not null,
    enabled boolean not null default true,
    rate_limit int not null,
    heartbeat_ms bigint,
    is_quiet boolean not null default false,
    requests bigint not null default 0,
    accepted bigint not null default 0,
    refused bigint not null default 0,
    limited bigint not null default 0,
    left_out bigint not null default 0,
    last_received_at timestamptz,
    last_refused_at timestamptz,
    last_refusal text,
    constraint alert_sources_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'alert_sources');
  await openToSystem(
    db,
    'alert_sources',
    'select (workspace_id, id, heartbeat_ms, is_quiet, enabled, last_received_at, created_at)',
  );

  await sql`create table alert_source_tokens (
    workspace_id uuid not null,
    id uuid not null,
    source_id uuid not null,
    token_hash text not null,
    hint text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    primary key (workspace_id, id),
    foreign key (workspace_id, source_id) references alert_sources on delete cascade)`.execute(db);
  await sql`create unique index alert_source_tokens_hash on alert_source_tokens (token_hash)`.execute(db);
  await sql`create index alert_source_tokens_of on alert_source_tokens (workspace_id, source_id, id)`.execute(db);
  await protectTenantTable(db, 'alert_source_tokens');
  await openToSystem(db, 'alert_source_tokens', 'select (workspace_id, id, source_id, token_hash)');

  await sql`create table alerts (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    source_id uuid,
    source_key text not null,
    source_name text not null,
    fingerprint text not null,
    key text not null,
    group_key text,
    status text not null,
    severity smallint not null,
    title text not null,
    description text not null default '',
    labels jsonb not null,
    links jsonb not null,
    payload text,
    count bigint not null default 0,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    fired_at timestamptz not null,
    resolved_at timestamptz,
    starts_at timestamptz,
    ends_at timestamptz,
    outcome text not null default 'new',
    rule_id uuid,
    group_id uuid,
    incident_id uuid,
    silence_id uuid,
    monitored jsonb not null default '[]',
    is_told boolean not null default false,
    look_at timestamptz,
    primary key (workspace_id, id),
    constraint alerts_fingerprint unique (workspace_id, source_key, fingerprint))
    with (fillfactor = 80)`.execute(db);
  await sql`create index alerts_seen on alerts (workspace_id, last_seen_at desc, id desc)`.execute(db);
  await sql`create index alerts_live on alerts (workspace_id, last_seen_at desc, id desc) where status <> 'resolved'`.execute(
    db,
  );
  await sql`create index alerts_incident on alerts (workspace_id, incident_id) where incident_id is not null`.execute(
    db,
  );
  await sql`create index alerts_group on alerts (workspace_id, group_id) where group_id is not null`.execute(db);
  await sql`create index alerts_due on alerts (look_at, workspace_id) where look_at is not null`.execute(db);
  await sql`create index alerts_due_here on alerts (workspace_id, look_at, id) where look_at is not null`.execute(db);
  await protectTenantTable(db, 'alerts');
  await openToSystem(db, 'alerts', 'select (workspace_id, look_at)');

  await sql`create table alert_hours (
    workspace_id uuid not null,
    alert_id uuid not null,
    hour timestamptz not null,
    count bigint not null,
    primary key (workspace_id, alert_id, hour),
    foreign key (workspace_id, alert_id) references alerts on delete cascade)`.execute(db);
  await protectTenantTable(db, 'alert_hours');

  await sql`create table alert_groups (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    rule_key text not null,
    key_hash text not null,
    key text not null,
    incident_id uuid,
    raised int not null default 0,
    raised_at timestamptz,
    raised_before timestamptz[] not null default '{}',
    last_alert_at timestamptz not null,
    primary key (workspace_id, id),
    constraint alert_groups_key unique (workspace_id, rule_key, key_hash))`.execute(db);
  await sql`create index alert_groups_incident on alert_groups (workspace_id, incident_id)`.execute(db);
  await sql`create index alert_groups_raised on alert_groups (workspace_id, rule_key, raised_at)`.execute(db);
  await protectTenantTable(db, 'alert_groups');

  await sql`create table alert_rules (${thing},
    position int not null,
    rule jsonb not null,
    hits bigint not null default 0,
    raised bigint not null default 0,
    kept bigint not null default 0,
    dropped bigint not null default 0,
    monitored bigint not null default 0,
    failed bigint not null default 0,
    last_failure text,
    last_hit_at timestamptz,
    constraint alert_rules_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'alert_rules');

  await sql`create table silences (${thing},
    silence jsonb not null,
    ends_at timestamptz,
    silenced bigint not null default 0)`.execute(db);
  await sql`create index silences_end on silences (workspace_id, ends_at)`.execute(db);
  await protectTenantTable(db, 'silences');

  await sql`create table alert_marks (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    source_id uuid,
    source_name text not null,
    title text not null,
    at timestamptz not null,
    labels jsonb not null,
    links jsonb not null,
    primary key (workspace_id, id))`.execute(db);
  await sql`create index alert_marks_at on alert_marks (workspace_id, at desc, id desc)`.execute(db);
  await protectTenantTable(db, 'alert_marks');
}
