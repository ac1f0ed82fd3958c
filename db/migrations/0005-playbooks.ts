import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/** Playbooks with their immutable versions and tests; secrets and definitions of their runs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table playbooks (
    workspace_id uuid not null,
    id uuid not null,
    name text not null,
    description text,
    version integer not null,
    step_count integer not null,
    input_count integer not null,
    tests jsonb not null default '[]',
    updated_at timestamptz not null default now(),
    updated_by jsonb not null,
    deleted_at timestamptz,
    primary key (workspace_id, id))`.execute(db);
  // A deleted one keeps its rows for its runs, and frees its name.
  await sql`create unique index playbooks_name on playbooks (workspace_id, name) where deleted_at is null`.execute(db);
  await sql`create table playbook_versions (
    workspace_id uuid not null,
    playbook_id uuid not null,
    version integer not null,
    definition jsonb not null,
    yaml text not null,
    note text,
    hash text not null,
    author jsonb not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, playbook_id, version),
    foreign key (workspace_id, playbook_id) references playbooks)`.execute(db);
  await sql`create table run_secrets (
    workspace_id uuid not null,
    run_id uuid not null,
    name text not null,
    sealed text not null,
    primary key (workspace_id, run_id, name),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await sql`create table run_snapshots (
    workspace_id uuid not null,
    run_id uuid not null,
    part integer not null,
    sealed text not null,
    primary key (workspace_id, run_id, part),
    foreign key (workspace_id, run_id) references runs on delete cascade)`.execute(db);
  await protectTenantTable(db, 'run_snapshots');
  await protectTenantTable(db, 'playbooks');
  // Versions are immutable: the app's role has no right to change or delete one.
  await protectTenantTable(db, 'playbook_versions', 'select, insert');
  await protectTenantTable(db, 'run_secrets', 'select, insert, update, delete');
}
