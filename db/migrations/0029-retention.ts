import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Letting go as runs: what each of them let go of, how long alerts are kept, and how what is old is found. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table settings add column alert_retention_days integer not null default 90
    check (alert_retention_days > 0)`.execute(db);
  // Absent: trimmed before runs did it.
  await sql`alter table log_trims add column run_id uuid`.execute(db);
  await openToSystem(db, 'log_days', 'select (workspace_id, day, events, bytes)');
  await sql`create table alert_trims (
    workspace_id uuid not null references workspaces on delete cascade,
    run_id uuid not null,
    at timestamptz not null default now(),
    before timestamptz not null,
    alerts integer not null default 0,
    marks integer not null default 0,
    primary key (workspace_id, run_id))`.execute(db);
  await protectTenantTable(db, 'alert_trims');
  await sql`create index alerts_over on alerts (workspace_id, resolved_at) where status = 'resolved'`.execute(db);
  await sql`create index runs_parts_ended on runs (workspace_id, ended_at)
    where shape = 'part' and parent_run_id is null and ended_at is not null`.execute(db);
}
