import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/** Files for upload steps, links to a new password, who read which secret for which run, and how long things are kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await artifactTables(db);
  await passwordLinks(db);
  await secretReads(db);
  await retention(db);
}

async function artifactTables(db: Kysely<unknown>): Promise<void> {
  // The content never changes: a name that is to hold other bytes is deleted and made again, under another id.
  await sql`create table artifacts (
    workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    bytes bigint not null default 0,
    sha256 text,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    stored_at timestamptz,
    expires_at timestamptz,
    primary key (workspace_id, id))`.execute(db);
  // One that is still being written has no name yet in the eyes of others.
  await sql`create unique index artifacts_name on artifacts (workspace_id, name) where stored_at is not null`.execute(
    db,
  );
  await protectTenantTable(db, 'artifacts');
  await sql`create table artifact_parts (
    workspace_id uuid not null,
    artifact_id uuid not null,
    part integer not null,
    content bytea not null,
    primary key (workspace_id, artifact_id, part),
    foreign key (workspace_id, artifact_id) references artifacts on delete cascade)`.execute(db);
  // Files are mostly packed already: to try it once more only takes time.
  await sql`alter table artifact_parts alter column content set storage external`.execute(db);
  await protectTenantTable(db, 'artifact_parts', 'select, insert, delete');
}

/** One-time links to a new password. Only the system role comes here, as to all that sign-in stands on. */
async function passwordLinks(db: Kysely<unknown>): Promise<void> {
  await sql`create table password_links (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    token_hash text not null unique,
    made_by jsonb,
    removes_factor boolean not null default false,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz)`.execute(db);
  await sql`create index password_links_of_user on password_links (user_id) where used_at is null`.execute(db);
  await sql`grant select, insert, update (used_at), delete on password_links to windlass_system`.execute(db);
}

/** Makes `secret.read` one audit entry a run and secret, however many attempts and hosts there are. */
async function secretReads(db: Kysely<unknown>): Promise<void> {
  await sql`create table secret_reads (
    workspace_id uuid not null,
    run_id uuid not null,
    secret_id uuid not null,
    primary key (workspace_id, run_id, secret_id),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'secret_reads', 'select, insert, delete');
}

/**
 * The audit log has a time of its own. Partitions are dropped by the longest retention of all workspaces; what a workspace
 * keeps for less goes row by row, by functions of the owner's, since no role of ours may delete from these tables.
 */
async function retention(db: Kysely<unknown>): Promise<void> {
  await sql`alter table settings add column audit_retention_days integer not null default 365
    check (audit_retention_days > 0)`.execute(db);
  await sql`create function windlass_trim(target text, workspace uuid, before timestamptz, most integer) returns integer
    language plpgsql security definer set search_path = public set row_security = off as $$
    declare removed integer;
    begin
      if target not in ('events', 'run_logs', 'audit_entries') then
        raise exception 'nothing is trimmed here: %', target;
      end if;
      execute format('delete from %1$I where ctid = any (array(
        select ctid from %1$I where workspace_id = $1 and at < $2 limit $3)) and workspace_id = $1 and at < $2', target)
        using workspace, before, most;
      get diagnostics removed = row_count;
      return removed;
    end $$`.execute(db);
  await sql`revoke all on function windlass_trim(text, uuid, timestamptz, integer) from public`.execute(db);
  await sql`grant execute on function windlass_trim(text, uuid, timestamptz, integer) to windlass_system`.execute(db);
}
