import { type Kysely, sql } from 'kysely';
import { protectTenantTable } from '../kit/tenant-table.ts';

/**
 * How far each person has seen their notices, which queues take nothing new, and the indexes that make a person's
 * notices a short walk however much else happens: each holds only what can be a notice.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table notice_marks (
    workspace_id uuid not null references workspaces on delete cascade,
    person_id uuid not null references users on delete cascade,
    seen_at timestamptz not null,
    primary key (workspace_id, person_id))`.execute(db);
  await protectTenantTable(db, 'notice_marks');
  await sql`create index runs_noticed on runs (workspace_id, actor_id, ended_at desc)
    where ended_at is not null and shape = 'job' and parent_run_id is null and actor ->> 'kind' = 'user'
      and (status in ('failed', 'timed_out') or (status = 'succeeded' and ended_at - started_at > interval '1 minute'))`.execute(
    db,
  );
  await sql`create index approvals_noticed on approvals (workspace_id, starter_id, decided_at desc)
    where decided_at is not null and starter_id is not null`.execute(db);
  await sql`create index events_noticed on events (workspace_id, at desc, seq desc)
    where type in ('server.became_unhealthy', 'system.restarted', 'queue.drained', 'queue.resumed')`.execute(db);

  await sql`create table queue_drains (
    workspace_id uuid not null references workspaces on delete cascade,
    queue text not null,
    reason text,
    drained_by jsonb not null,
    drained_at timestamptz not null default now(),
    primary key (workspace_id, queue))`.execute(db);
  await protectTenantTable(db, 'queue_drains');
  await sql`create table instance_drains (
    queue text primary key,
    reason text,
    drained_by jsonb not null,
    drained_at timestamptz not null default now())`.execute(db);
  await sql`grant select on instance_drains to windlass_app`.execute(db);
  await sql`grant select, insert, update, delete on instance_drains to windlass_system`.execute(db);
}
