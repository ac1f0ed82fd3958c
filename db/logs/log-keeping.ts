import { sql } from 'kysely';
import type { LogKeeping } from '#contracts/logs/logs.ts';
import type { TenantTx } from '../kit/database.ts';

export const defaultKeepDays = 14;

/** How long lines are kept, what they take by day, and the last trims. */
export async function readLogKeeping(tx: TenantTx): Promise<LogKeeping> {
  const [row, { rows: days }, { rows: trims }] = await Promise.all([
    tx.selectFrom('logKeeping').select(['keepDays', 'quotaBytes']).executeTakeFirst(),
    sql<{
      day: string;
      events: number;
      bytes: number;
    }>`select day::text as day, sum(events)::float8 as events, sum(bytes)::float8 as bytes
      from log_days where events > 0 group by day order by day desc`.execute(tx),
    sql<{
      at: Date;
      beforeDay: string;
      events: number;
      bytes: number;
    }>`select at, before_day::text as "beforeDay", events::float8 as events,
      bytes::float8 as bytes from log_trims order by at desc limit 20`.execute(tx),
  ]);
  return {
    keepDays: row?.keepDays ?? defaultKeepDays,
    quotaBytes: row?.quotaBytes ?? null,
    usedBytes: days.reduce((sum, { bytes }) => sum + bytes, 0),
    events: days.reduce((sum, { events }) => sum + events, 0),
    days,
    trims: trims.map((trim) => ({ ...trim, at: trim.at.toISOString() })),
  };
}

export async function updateLogKeeping(
  tx: TenantTx,
  { keepDays, quotaBytes }: { keepDays: number; quotaBytes: number | null },
): Promise<void> {
  await tx
    .insertInto('logKeeping')
    .values({ keepDays, quotaBytes })
    .onConflict((conflict) =>
      conflict.column('workspaceId').doUpdateSet({ keepDays, quotaBytes, updatedAt: new Date() }),
    )
    .execute();
}

/** What decides which days stay. `isHeld`: all of them do, whatever the rest says. */
export type DaysKept = Pick<LogKeeping, 'keepDays' | 'quotaBytes' | 'days'> & { isHeld: boolean };

/**
 * The first day that a workspace keeps: by its days, and by its quota the newest days that fit it. Today is always kept.
 */
export function firstKeptDay({ keepDays, quotaBytes, days, isHeld }: DaysKept, nowMs: number): string {
  if (isHeld) return '0001-01-01';
  const dayMs = 86_400_000;
  const today = new Date(nowMs).toISOString().slice(0, 10);
  let first = new Date(nowMs - (keepDays - 1) * dayMs).toISOString().slice(0, 10);
  if (quotaBytes === null) return first;
  let used = 0;
  for (const { day, bytes } of [...days].sort((a, b) => (a.day < b.day ? 1 : -1))) {
    used += bytes;
    if (used <= quotaBytes || day >= today) continue;
    const next = new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10);
    return next > first ? next : first;
  }
  return first;
}

/** Notes that all before a day has gone; nothing where nothing had. Repeated, it finds nothing more. */
export async function noteTrim(tx: TenantTx, beforeDay: string, runId: string): Promise<void> {
  await sql`
    with gone as (delete from log_days where day < ${beforeDay}::date returning events, bytes),
      sums as (select coalesce(sum(events), 0)::bigint as events, coalesce(sum(bytes), 0)::bigint as bytes from gone),
      noted as (insert into log_trims (before_day, events, bytes, run_id) select ${beforeDay}::date, events, bytes, ${runId}::uuid from sums where events > 0)
    select from sums`.execute(tx);
  await sql`delete from log_trims where at < now() - interval '400 days'`.execute(tx);
}
