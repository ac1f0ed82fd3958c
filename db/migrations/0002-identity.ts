import { type Kysely, sql } from 'kysely';
import { currentTenant, openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** People, workspaces, sign-in, keys, the audit log, settings, stored secrets and variables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await workspaceTables(db);
  await signInTables(db);
  await auditTable(db);
  await settingsTables(db);
}

async function workspaceTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table workspaces (
    id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
    name text not null,
    created_at timestamptz not null default now())`.execute(db);
  await sql`create table users (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    password_hash text not null,
    is_instance_admin boolean not null default false,
    has_second_factor boolean not null default false,
    preferences jsonb not null default '{}',
    last_seen_at timestamptz,
    created_at timestamptz not null default now())`.execute(db);
  await sql`create table members (
    workspace_id uuid not null references workspaces on delete cascade,
    user_id uuid not null references users on delete cascade,
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    mids text not null default '*',
    created_at timestamptz not null default now(),
    primary key (workspace_id, user_id))`.execute(db);
  await sql`create index members_of_user on members (user_id)`.execute(db);
  await protectTenantTable(db, 'members');
  await openToSystem(db, 'members', 'select, insert, update (role), delete');

  // Two tables of the instance: the app's role sees the transaction's workspace, and the people who belong to it.
  for (const table of ['workspaces', 'users']) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
  }
  await sql`create policy tenant on workspaces to windlass_app using (id = ${currentTenant}) with check (id = ${currentTenant})`.execute(
    db,
  );
  await sql`grant select, update (name, slug) on workspaces to windlass_app`.execute(db);
  await openToSystem(db, 'workspaces', 'select, insert');
  await sql`create policy tenant on users for select to windlass_app
    using (exists (select 1 from members m where m.user_id = users.id and m.workspace_id = ${currentTenant}))`.execute(
    db,
  );
  await sql`grant select (id, email, name, is_instance_admin, has_second_factor, last_seen_at, created_at) on users to windlass_app`.execute(
    db,
  );
  await openToSystem(
    db,
    'users',
    `select, insert,
    update (name, password_hash, is_instance_admin, has_second_factor, preferences, last_seen_at)`,
  );

  await sql`create table invitations (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    email text not null,
    role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
    token_hash text not null unique,
    invited_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    withdrawn_at timestamptz,
    primary key (workspace_id, id))`.execute(db);
  await protectTenantTable(db, 'invitations', 'select, insert, update (withdrawn_at)');
  await openToSystem(db, 'invitations', 'select, update (accepted_at)');

  await sql`create table api_keys (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    prefix text not null,
    key_hash text not null unique,
    permissions text[] not null,
    owner_id uuid not null references users,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    last_used_address text,
    primary key (workspace_id, id))`.execute(db);
  await sql`create index api_keys_of_owner on api_keys (workspace_id, owner_id)`.execute(db);
  await protectTenantTable(db, 'api_keys', 'select, insert, update (revoked_at)');
  await openToSystem(db, 'api_keys', 'select, update (last_used_at, last_used_address)');
}

/** What sign-in stands on. Only the system role comes here; the app's role has no right on these tables at all. */
async function signInTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table sessions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    kind text not null check (kind in ('browser', 'api')),
    mfa_at timestamptz,
    address text,
    client text,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text)`.execute(db);
  await sql`create index sessions_of_user on sessions (user_id) where ended_at is null`.execute(db);
  await sql`create table refresh_tokens (
    id uuid primary key,
    session_id uuid not null references sessions on delete cascade,
    token_hash text not null unique,
    created_at timestamptz not null default now(),
    used_at timestamptz,
    successor_nonce text,
    successor_id uuid)`.execute(db);
  await sql`create index refresh_tokens_of_session on refresh_tokens (session_id)`.execute(db);
  await sql`create table second_factors (
    user_id uuid primary key references users on delete cascade,
    sealed_secret text not null,
    confirmed_at timestamptz,
    last_step bigint,
    created_at timestamptz not null default now())`.execute(db);
  await sql`create table recovery_codes (
    user_id uuid not null references users on delete cascade,
    code_hash text not null,
    used_at timestamptz,
    primary key (user_id, code_hash))`.execute(db);
  await sql`create table sign_in_throttle (
    key text primary key,
    failures integer not null,
    locked_until timestamptz,
    last_at timestamptz not null default now())`.execute(db);
  await sql`create table signing_keys (
    id text primary key,
    public_jwk jsonb not null,
    sealed_private text not null,
    created_at timestamptz not null default now(),
    retired_at timestamptz)`.execute(db);
  await sql`create unique index signing_keys_current on signing_keys ((true)) where retired_at is null`.execute(db);
  for (const table of [
    'sessions',
    'refresh_tokens',
    'second_factors',
    'recovery_codes',
    'sign_in_throttle',
    'signing_keys',
  ]) {
    await sql`grant select, insert, update, delete on ${sql.table(table)} to windlass_system`.execute(db);
  }
}

async function auditTable(db: Kysely<unknown>): Promise<void> {
  await sql`create table audit_entries (
    workspace_id uuid not null,
    id uuid not null,
    at timestamptz not null default now(),
    actor jsonb not null,
    actor_id uuid,
    action text not null,
    subject text,
    title text,
    before jsonb,
    after jsonb,
    address text,
    request_id text,
    primary key (workspace_id, id))`.execute(db);
  await sql`create index audit_entries_by_actor on audit_entries (workspace_id, actor_id, id desc)`.execute(db);
  await sql`create index audit_entries_by_subject on audit_entries (workspace_id, subject, id desc)`.execute(db);
  await sql`create index audit_entries_by_action on audit_entries (workspace_id, action text_pattern_ops, id desc)`.execute(
    db,
  );
  await sql`create index audit_entries_by_time on audit_entries (workspace_id, at)`.execute(db);
  // Append-only: neither role may change or remove what was written.
  await protectTenantTable(db, 'audit_entries', 'select, insert');
  await openToSystem(db, 'audit_entries', 'insert');
}

async function settingsTables(db: Kysely<unknown>): Promise<void> {
  await sql`create table settings (
    workspace_id uuid primary key references workspaces on delete cascade,
    egress_allow text[] not null default '{}',
    host_key_first_use boolean not null default true,
    concurrency integer not null default 100 check (concurrency > 0),
    retention_days integer not null default 30 check (retention_days > 0),
    access_token_minutes integer not null default 15 check (access_token_minutes between 1 and 1440),
    require_mfa boolean not null default false,
    requests_per_minute integer not null default 6000 check (requests_per_minute > 0),
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    updated_by jsonb)`.execute(db);
  await protectTenantTable(db, 'settings', 'select, insert, update');
  await openToSystem(db, 'settings', 'select, insert');

  await sql`create table workspace_secrets (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    sealed text not null,
    description text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    updated_by jsonb not null,
    primary key (workspace_id, id),
    unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'workspace_secrets');

  await sql`create table variables (
    workspace_id uuid not null references workspaces on delete cascade,
    name text not null,
    value jsonb not null,
    description text,
    updated_at timestamptz not null default now(),
    updated_by jsonb not null,
    primary key (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'variables');
}
