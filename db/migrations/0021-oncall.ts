import { type Kysely, sql } from 'kysely';
import { openToSystem, protectTenantTable } from '../kit/tenant-table.ts';

/** Who is on call: schedules of layered rotations, overrides, calendar feeds, and escalation policies. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const thing = sql`workspace_id uuid not null references workspaces on delete cascade,
    id uuid not null,
    name text not null,
    version int not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (workspace_id, id)`;
  await sql`create table oncall_schedules (${thing},
    description text not null default '',
    time_zone text not null,
    layers jsonb not null,
    constraint oncall_schedules_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'oncall_schedules');

  await sql`create table oncall_overrides (
    workspace_id uuid not null,
    id uuid not null,
    schedule_id uuid not null,
    from_at timestamptz not null,
    to_at timestamptz not null check (to_at > from_at),
    person_id uuid,
    reason text not null default '',
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, id),
    foreign key (workspace_id, schedule_id) references oncall_schedules on delete cascade)`.execute(db);
  await sql`create index oncall_overrides_of on oncall_overrides (workspace_id, schedule_id, to_at)`.execute(db);
  await protectTenantTable(db, 'oncall_overrides');

  await sql`create table oncall_feeds (
    workspace_id uuid not null,
    schedule_id uuid not null,
    token_hash text not null,
    hint text not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, schedule_id),
    foreign key (workspace_id, schedule_id) references oncall_schedules on delete cascade)`.execute(db);
  await sql`create unique index oncall_feeds_hash on oncall_feeds (token_hash)`.execute(db);
  await protectTenantTable(db, 'oncall_feeds');
  await openToSystem(db, 'oncall_feeds', 'select (workspace_id, schedule_id, token_hash)');

  await sql`create table escalation_policies (${thing},
    policy jsonb not null,
    constraint escalation_policies_name unique (workspace_id, name))`.execute(db);
  await protectTenantTable(db, 'escalation_policies');
}
