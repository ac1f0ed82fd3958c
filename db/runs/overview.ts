import { sql } from 'kysely';
import { nextTimes } from '#contracts/schedules/times.ts';
import type { TenantTx } from '../kit/database.ts';

interface Figures {
  running: number;
  waiting: number;
  queued: number;
  startedToday: number;
  endedToday: number;
  failedToday: number;
  startDelayP95Ms: number | null;
}

/** The figures of the first page: what is alive now, and what the last 24 hours brought. */
export async function readOverview(tx: TenantTx) {
  const figures = await sql<Figures>`
    select
      (select count(*)::int from runs where ended_at is null and status = 'running' and shape = 'job' and parent_run_id is null) as running,
      (select count(*)::int from runs where ended_at is null and status = 'waiting' and shape = 'job' and parent_run_id is null) as waiting,
      (select count(*)::int from runs where ended_at is null and status = 'queued' and shape = 'job' and parent_run_id is null) as queued,
      d.started as "startedToday", e.ended as "endedToday", e.failed as "failedToday", d.delay as "startDelayP95Ms"
    from
      (select count(*)::int as started,
         (percentile_cont(0.95) within group (order by extract(epoch from started_at - created_at) * 1000))::float8 as delay
       from runs where shape = 'job' and parent_run_id is null and id >= ${firstIdOfDay()}::uuid) d,
      (select count(*)::int as ended, count(*) filter (where status in ('failed', 'timed_out'))::int as failed
       from runs where shape = 'job' and parent_run_id is null and ended_at > now() - interval '24 hours') e`.execute(
    tx,
  );
  const failures = await sql<{ code: string; count: number }>`
    select coalesce(error ->> 'code', status) as code, count(*)::int as count from runs
    where shape = 'job' and parent_run_id is null and ended_at > now() - interval '24 hours' and status in ('failed', 'timed_out')
    group by 1 order by 2 desc limit 5`.execute(tx);
  const counts = await sql<{
    approvals: number;
    servers: number;
    unreachable: number;
    runs: boolean;
    playbooks: boolean;
  }>`
    select (select count(*)::int from approvals where state = 'open') as approvals,
      (select count(*)::int from servers) as servers,
      (select count(*)::int from servers where health in ('no_answer', 'unhealthy')) as unreachable,
      exists (select from runs) as runs, exists (select from playbooks) as playbooks`.execute(tx);
  const schedules = await nextSchedules(tx);
  const row = figures.rows[0];
  const count = counts.rows[0];
  return {
    running: row?.running ?? 0,
    waiting: row?.waiting ?? 0,
    queued: row?.queued ?? 0,
    startedToday: row?.startedToday ?? 0,
    endedToday: row?.endedToday ?? 0,
    failedToday: row?.failedToday ?? 0,
    startDelayP95Ms: row?.startDelayP95Ms ?? null,
    approvalsWaiting: count?.approvals ?? 0,
    servers: { total: count?.servers ?? 0, unreachable: count?.unreachable ?? 0 },
    failures: failures.rows,
    schedules,
    isNew: !(count?.runs || count?.playbooks || (count?.servers ?? 0) > 0),
  };
}

/** The five schedules that come next. Their times are computed here as Temporal counts them (`contracts/schedules`). */
async function nextSchedules(tx: TenantTx): Promise<{ id: string; name: string; nextAt: string }[]> {
  const rows = await tx
    .selectFrom('schedules')
    .select(['id', 'name', 'cron', 'everyMs', 'timeZone', 'startAt', 'endAt', 'jitterMs'])
    .where('paused', '=', false)
    .where('deletedAt', 'is', null)
    .limit(500)
    .execute();
  const now = Date.now();
  return rows
    .flatMap(({ id, name, ...timing }) => {
      const [next] = nextTimes(timing, now, 1);
      return next ? [{ id, name, nextAt: new Date(next.at).toISOString() }] : [];
    })
    .toSorted((a, b) => a.nextAt.localeCompare(b.nextAt))
    .slice(0, 5);
}

/** UUIDv7 begins with the time: the ids of the last 24 hours are a range of the primary key. */
const firstIdOfDay = (): string => {
  const ms = (Date.now() - 86_400_000).toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000`;
};
