import { sql } from 'kysely';
import { nextTimes } from '#contracts/schedules/times.ts';
import type { TenantTx } from '../kit/database.ts';
import { firstIdAt } from './run-filter.ts';

interface Figures {
  running: number;
  waiting: number;
  queued: number;
  started: number;
  startedBefore: number;
  ended: number;
  failed: number;
  startDelayP95Ms: number | null;
}

/** The figures of the first page: what is alive now, and what the last span of time brought. */
export async function readOverview(tx: TenantTx, spanMs: number, actorId: string | undefined) {
  const now = Date.now();
  const begin = new Date(now - spanMs);
  const byActor = actorId === undefined ? sql`` : sql`and actor_id = ${actorId}`;
  const top = sql`shape = 'job' and parent_run_id is null ${byActor}`;
  const figures = await sql<Figures>`
    select a.running, a.waiting, a.queued, d.started, d.before as "startedBefore",
      e.ended, e.failed, d.delay as "startDelayP95Ms"
    from
      (select count(*) filter (where status = 'running')::int as running, count(*) filter (where status = 'waiting')::int as waiting,
         count(*) filter (where status = 'queued')::int as queued
       from runs where ended_at is null and ${top}) a,
      (select count(*) filter (where id >= ${firstIdAt(begin.getTime())}::uuid)::int as started,
         count(*) filter (where id < ${firstIdAt(begin.getTime())}::uuid)::int as before,
         (percentile_cont(0.95) within group (order by extract(epoch from started_at - created_at) * 1000)
           filter (where id >= ${firstIdAt(begin.getTime())}::uuid))::float8 as delay
       from runs where ${top} and id >= ${firstIdAt(now - 2 * spanMs)}::uuid) d,
      (select count(*)::int as ended, count(*) filter (where status in ('failed', 'timed_out'))::int as failed
       from runs where ${top} and ended_at > ${begin}) e`.execute(tx);
  const failures = await sql<{ code: string; count: number }>`
    select coalesce(error ->> 'code', status) as code, count(*)::int as count from runs
    where ${top} and ended_at > ${begin} and status in ('failed', 'timed_out')
    group by 1 order by 2 desc, 1 limit 5`.execute(tx);
  const counts = await sql<{ approvals: number; health: Record<string, number>; runs: boolean; playbooks: boolean }>`
    select (select count(*)::int from approvals where state = 'open') as approvals,
      (select coalesce(jsonb_object_agg(health, count), '{}') from (select health, count(*) as count from servers group by health) s) as health,
      exists (select from runs) as runs, exists (select from playbooks) as playbooks`.execute(tx);
  const row = figures.rows[0];
  const count = counts.rows[0];
  const health = count?.health ?? {};
  const servers = Object.values(health).reduce((sum, figure) => sum + figure, 0);
  return {
    running: row?.running ?? 0,
    waiting: row?.waiting ?? 0,
    queued: row?.queued ?? 0,
    started: row?.started ?? 0,
    startedBefore: row?.startedBefore ?? 0,
    ended: row?.ended ?? 0,
    failed: row?.failed ?? 0,
    startDelayP95Ms: row?.startDelayP95Ms ?? null,
    approvalsWaiting: count?.approvals ?? 0,
    servers: { total: servers, unreachable: (health['no_answer'] ?? 0) + (health['unhealthy'] ?? 0), health },
    failures: failures.rows,
    nextSchedules: await nextSchedules(tx, now),
    isNew: !(count?.runs || count?.playbooks || servers > 0),
  };
}

/** The five schedules that come next. Their times are computed here as Temporal counts them (`contracts/schedules`). */
async function nextSchedules(tx: TenantTx, now: number): Promise<{ id: string; name: string; nextAt: string }[]> {
  const rows = await tx
    .selectFrom('schedules')
    .select(['id', 'name', 'cron', 'everyMs', 'timeZone', 'startAt', 'endAt', 'jitterMs'])
    .where('paused', '=', false)
    .where('deletedAt', 'is', null)
    .limit(500)
    .execute();
  return rows
    .flatMap(({ id, name, ...timing }) => {
      const [next] = nextTimes(timing, now, 1);
      return next ? [{ id, name, nextAt: new Date(next.at).toISOString() }] : [];
    })
    .toSorted((a, b) => a.nextAt.localeCompare(b.nextAt))
    .slice(0, 5);
}
