import { type Kysely, sql } from 'kysely';

/**
 * What a list of runs is sorted by besides the time at which they were asked for. Sums and small letters stand in columns
 * of their own: under row-level security an index is read on behind a cursor only by plain columns, not by expressions.
 * Runs that have not ended have no end and no duration and are few: `runs_alive` has them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table runs
    add column took_ms bigint generated always as
      ((extract(epoch from ended_at - coalesce(started_at, ended_at)) * 1000)::bigint) stored,
    add column title_key text not null generated always as (left(lower(title), 120)) stored`.execute(db);
  const ended = sql`where shape = 'job' and parent_run_id is null and ended_at is not null`;
  await sql`create index runs_top_by_end on runs (workspace_id, ended_at, id) ${ended}`.execute(db);
  await sql`create index runs_top_by_duration on runs (workspace_id, took_ms, id) ${ended}`.execute(db);
  await sql`create index runs_top_by_title on runs (workspace_id, title_key, id)
    where shape = 'job' and parent_run_id is null`.execute(db);
}
