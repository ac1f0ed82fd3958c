import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** What asks people, tells people, and sets runs going: approvals, channels, schedules, webhooks, run triggers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await approvalTables(db);
  await channelTables(db);
  await scheduleTables(db);
  await webhookTables(db);
  await runTriggerTables(db);
}

async function approvalTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table approvals (
    workspace_id uuid not null,
    id uuid not null,
    run_id uuid not null,
    step_id text not null,
    address text not null,
    attempt integer not null,
    round integer not null default 1,
    subject text not null,
    message text not null,
    roles text[] not null default '{}',
    users text[] not null default '{}',
    quorum integer not null default 1 check (quorum >= 1),
    not_starter boolean not null default false,
    starter_id uuid,
    form jsonb not null default '[]',
    default_decision text check (default_decision in ('approve', 'reject')),
    on_reject text not null default 'fail' check (on_reject in ('fail', 'continue')),
    expires_at timestamptz,
    state text not null default 'open' check (state in ('open', 'approved', 'rejected', 'expired', 'withdrawn', 'superseded')),
    expired boolean not null default false,
    plan_hash text,
    plan jsonb,
    plan_diff jsonb,
    sealed_answers text,
    asked_at timestamptz not null default now(),
    decided_at timestamptz,
    delivered_at timestamptz,
    told_at timestamptz,
    primary key (workspace_id, id),
    constraint approvals_once unique (workspace_id, run_id, address, attempt, round),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'approvals');
  await sql`create index approvals_open on approvals (workspace_id, expires_at nulls last, id) where state = 'open'`.execute(
    db,
  );
  await sql`create index approvals_undelivered on approvals (decided_at) where decided_at is not null and delivered_at is null`.execute(
    db,
  );
  await openToSystem(db, 'approvals', 'select (workspace_id, id, run_id, state, decided_at, delivered_at)');

  await sql`create table approval_decisions (
    workspace_id uuid not null,
    approval_id uuid not null,
    person_id uuid not null,
    actor jsonb not null,
    decision text not null check (decision in ('approve', 'reject')),
    reason text not null default '',
    via text not null check (via in ('console', 'api', 'link')),
    at timestamptz not null default now(),
    primary key (workspace_id, approval_id, person_id),
    foreign key (workspace_id, approval_id) references approvals on delete cascade)`.execute(db);
  await protectTenantTable(db, 'approval_decisions', 'select, insert');

  await sql`create table approval_links (
    workspace_id uuid not null,
    id uuid not null,
    approval_id uuid not null,
    person_id uuid not null,
    person_name text not null,
    email text not null,
    token_hash text,
    expires_at timestamptz not null,
    used_at timestamptz,
    mailed_at timestamptz,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    primary key (workspace_id, id),
    constraint approval_links_once unique (workspace_id, approval_id, person_id),
    foreign key (workspace_id, approval_id) references approvals on delete cascade)`.execute(db);
  await protectTenantTable(db, 'approval_links');
  await sql`create unique index approval_links_token on approval_links (token_hash) where token_hash is not null`.execute(
    db,
  );
  await sql`create index approval_links_unsent on approval_links (next_attempt_at) where mailed_at is null and attempts < 6`.execute(
    db,
  );
  await openToSystem(
    db,
    'approval_links',
    'select (workspace_id, id, approval_id, token_hash, expires_at, used_at, mailed_at, attempts, next_attempt_at)',
  );
}

async function channelTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table channels (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    kind text not null check (kind in ('email', 'webhook', 'slack')),
    description text not null default '',
    recipients text[] not null default '{}',
    url text,
    sealed_url text,
    sealed_secret text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id),
    constraint channels_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'channels');

  await sql`create table deliveries (
    workspace_id uuid not null,
    id uuid not null,
    key text not null,
    channel_id uuid,
    channel text not null,
    kind text not null,
    target text not null,
    run_id uuid,
    step_address text,
    subject text not null,
    status text not null check (status in ('sending', 'delivered', 'failed')),
    attempts integer not null default 0,
    error jsonb,
    created_at timestamptz not null default now(),
    delivered_at timestamptz,
    primary key (workspace_id, id),
    constraint deliveries_once unique (workspace_id, key))`.execute(db);
  await protectTenantTable(db, 'deliveries');
  await sql`create index deliveries_by_channel on deliveries (workspace_id, channel_id, id desc)`.execute(db);
  await sql`create index deliveries_by_run on deliveries (workspace_id, run_id, id desc) where run_id is not null`.execute(
    db,
  );
}

async function scheduleTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table schedules (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    description text not null default '',
    target_kind text not null check (target_kind in ('playbook')),
    target_id uuid not null,
    target_version integer,
    inputs jsonb not null default '{}',
    sealed_inputs text not null,
    cron text[] not null default '{}',
    every_ms bigint,
    time_zone text not null,
    overlap text not null check (overlap in ('skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all')),
    catch_up_ms bigint not null,
    jitter_ms bigint not null default 0,
    start_at timestamptz,
    end_at timestamptz,
    paused boolean not null default false,
    paused_note text,
    problem jsonb,
    version integer not null default 1,
    synced_version integer not null default 0,
    checked_until timestamptz not null default now(),
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (workspace_id, id),
    check ((every_ms is null) = (cardinality(cron) > 0)))`.execute(db);
  await protectTenantTable(db, 'schedules');
  await sql`create index schedules_by_target on schedules (workspace_id, target_id)`.execute(db);
  // The reconciler goes through all of them; it learns which there are here and reads each in its own workspace.
  await openToSystem(db, 'schedules', 'select (workspace_id, id, version, synced_version, deleted_at)');

  await sql`create table schedule_firings (
    workspace_id uuid not null,
    schedule_id uuid not null,
    nominal_at timestamptz not null,
    status text not null check (status in ('started', 'failed', 'missed')),
    run_id uuid,
    error jsonb,
    fired_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (workspace_id, schedule_id, nominal_at),
    foreign key (workspace_id, schedule_id) references schedules on delete cascade)`.execute(db);
  await protectTenantTable(db, 'schedule_firings');
  await sql`create unique index schedule_firings_run on schedule_firings (workspace_id, run_id) where run_id is not null`.execute(
    db,
  );
}

async function webhookTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table webhooks (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    description text not null default '',
    target_id uuid not null,
    target_version integer,
    enabled boolean not null default true,
    signature jsonb,
    sealed_secret text,
    dedup jsonb,
    inputs jsonb not null default '{}',
    size_limit integer not null,
    rate_limit integer not null,
    wait_ms integer,
    last_call_at timestamptz,
    version integer not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id))`.execute(db);
  await protectTenantTable(db, 'webhooks');

  await sql`create table webhook_tokens (
    workspace_id uuid not null,
    id uuid not null,
    webhook_id uuid not null,
    token_hash text not null,
    hint text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    primary key (workspace_id, id),
    foreign key (workspace_id, webhook_id) references webhooks on delete cascade)`.execute(db);
  await protectTenantTable(db, 'webhook_tokens');
  await sql`create unique index webhook_tokens_hash on webhook_tokens (token_hash)`.execute(db);
  await sql`create index webhook_tokens_of on webhook_tokens (workspace_id, webhook_id, id)`.execute(db);
  await openToSystem(db, 'webhook_tokens', 'select (workspace_id, id, webhook_id, token_hash)');

  await sql`create table webhook_calls (
    workspace_id uuid not null,
    id uuid not null,
    webhook_id uuid not null,
    at timestamptz not null default now(),
    method text not null,
    address text not null,
    status integer not null,
    outcome text not null,
    message text,
    details jsonb,
    run_id uuid,
    dedup_key text,
    bytes integer not null,
    headers jsonb not null default '{}',
    query jsonb not null default '{}',
    sealed_body text,
    replay_of uuid,
    primary key (workspace_id, id),
    foreign key (workspace_id, webhook_id) references webhooks on delete cascade)`.execute(db);
  await protectTenantTable(db, 'webhook_calls');
  await sql`create index webhook_calls_of on webhook_calls (workspace_id, webhook_id, id desc)`.execute(db);

  await sql`create table webhook_keys (
    workspace_id uuid not null,
    webhook_id uuid not null,
    key_hash text not null,
    run_id uuid not null,
    expires_at timestamptz not null,
    primary key (workspace_id, webhook_id, key_hash),
    foreign key (workspace_id, webhook_id) references webhooks on delete cascade)`.execute(db);
  await protectTenantTable(db, 'webhook_keys');
}

async function runTriggerTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table run_triggers (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    playbooks uuid[] not null default '{}',
    statuses text[] not null,
    condition text,
    target_id uuid not null,
    target_version integer,
    inputs jsonb not null default '{}',
    enabled boolean not null default true,
    version integer not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id))`.execute(db);
  await protectTenantTable(db, 'run_triggers');

  // One row for each end of a run and each trigger it fits, written with that end: what makes it happen exactly once.
  await sql`create table run_trigger_firings (
    workspace_id uuid not null,
    trigger_id uuid not null,
    ended_run_id uuid not null,
    status text not null check (status in ('pending', 'started', 'failed', 'passed')),
    depth integer not null,
    run_id uuid,
    error jsonb,
    at timestamptz not null default now(),
    primary key (workspace_id, trigger_id, ended_run_id),
    foreign key (workspace_id, trigger_id) references run_triggers on delete cascade)`.execute(db);
  await protectTenantTable(db, 'run_trigger_firings');
  await sql`create index run_trigger_firings_pending on run_trigger_firings (at) where status = 'pending'`.execute(db);
  await sql`create index run_trigger_firings_last on run_trigger_firings (workspace_id, trigger_id, at desc)`.execute(
    db,
  );
  await sql`create unique index run_trigger_firings_run on run_trigger_firings (workspace_id, run_id) where run_id is not null`.execute(
    db,
  );
  await openToSystem(db, 'run_trigger_firings', 'select (workspace_id, trigger_id, ended_run_id, status, at)');
}
