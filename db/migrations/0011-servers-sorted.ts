import { type Kysely, sql } from 'kysely';

/**
 * What a list of servers is sorted by, in columns of their own and each with its index, so that a page of ten thousand
 * servers is read and not sorted. -1 and the beginning of time stand for what no check has learned yet.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table servers
    add column cpu_percent double precision not null default -1,
    add column memory_percent double precision not null default -1,
    add column checked_at timestamptz not null default 'epoch',
    add column health_rank smallint not null generated always as (
      case health when 'unhealthy' then 0 when 'no_answer' then 1 when 'degraded' then 2 when 'unknown' then 3 else 4 end
    ) stored`.execute(db);
  await sql`alter table servers no force row level security`.execute(db);
  await sql`update servers set
    cpu_percent = coalesce(least(100, (facts ->> 'load1')::float8 * 100 / nullif((facts ->> 'cpus')::float8, 0)), -1),
    memory_percent = coalesce((facts ->> 'memoryUsedPercent')::float8, -1),
    checked_at = coalesce((last_check ->> 'at')::timestamptz, 'epoch')`.execute(db);
  await sql`alter table servers force row level security`.execute(db);
  for (const column of ['health_rank', 'cpu_percent', 'memory_percent', 'checked_at'])
    await sql`create index ${sql.ref(`servers_by_${column}`)} on servers (workspace_id, ${sql.ref(column)}, name_key, id)`.execute(
      db,
    );
}
