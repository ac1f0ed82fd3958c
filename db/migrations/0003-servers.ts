import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Servers, what signs in to them, and the history of looking at them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table credentials (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    name_key text not null,
    kind text not null check (kind in ('ssh_key', 'password')),
    username text not null,
    description text not null default '',
    public_key text,
    fingerprint text,
    key_type text,
    sealed_private_key text,
    sealed_passphrase text,
    sealed_password text,
    sealed_sudo_password text,
    last_used_at timestamptz,
    rotated_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    primary key (workspace_id, id),
    constraint credentials_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'credentials');
  await sql`create index credentials_sorted on credentials (workspace_id, name_key, id)`.execute(db);

  await sql`create table servers (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    name_key text not null,
    host text not null,
    port integer not null check (port between 1 and 65535),
    description text not null default '',
    tags text[] not null default '{}',
    credential_id uuid,
    jump_server_id uuid,
    pinned_key jsonb,
    offered_key jsonb,
    maintenance_since timestamptz,
    maintenance_until timestamptz,
    maintenance_reason text,
    maintenance_by jsonb,
    health text not null default 'unknown' check (health in ('healthy', 'degraded', 'unhealthy', 'no_answer', 'unknown')),
    last_check jsonb,
    facts jsonb not null default '{}',
    next_check_at timestamptz not null default now(),
    check_asked_at timestamptz,
    swept_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    primary key (workspace_id, id),
    constraint servers_name unique (workspace_id, name),
    constraint servers_credential foreign key (workspace_id, credential_id) references credentials,
    constraint servers_jump foreign key (workspace_id, jump_server_id) references servers)`.execute(db);
  await protectTenantTable(db, 'servers');
  await sql`create index servers_sorted on servers (workspace_id, name_key, id)`.execute(db);
  await sql`create index servers_by_credential on servers (workspace_id, credential_id) where credential_id is not null`.execute(
    db,
  );
  await sql`create index servers_by_jump on servers (workspace_id, jump_server_id) where jump_server_id is not null`.execute(
    db,
  );
  await sql`create index servers_due on servers (next_check_at)`.execute(db);
  // The one machinery that checks servers looks across workspaces for what is due, and sees nothing else of them.
  await openToSystem(db, 'servers', 'select (workspace_id, id, next_check_at), update (next_check_at)');

  await sql`create table server_checks (
    workspace_id uuid not null,
    server_id uuid not null,
    id uuid not null,
    at timestamptz not null default now(),
    reachable boolean not null,
    health text not null,
    latency_ms double precision,
    code text,
    message text,
    primary key (workspace_id, server_id, id),
    foreign key (workspace_id, server_id) references servers on delete cascade)`.execute(db);
  await protectTenantTable(db, 'server_checks', 'select, insert, delete');

  await sql`alter table settings add column server_check_minutes integer not null default 5 check (server_check_minutes between 0 and 1440)`.execute(
    db,
  );
}
