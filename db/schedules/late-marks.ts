import type { LateMark } from '#contracts/schedules/fire-schedule.ts';
import type { TenantTx } from '../kit/database.ts';

/**
 * When a run is late by the alerts of its schedule, sooner marks first. It counts from the time of the schedule; for a time
 * further back than is made up for (somebody filled in the past) from now.
 */
export async function readLateMarks(
  tx: TenantTx,
  runId: string,
  { nominalAt, catchUpMs, jitterMs }: { nominalAt: Date; catchUpMs: number; jitterMs: number },
): Promise<LateMark[]> {
  const run = await tx.selectFrom('queryRuns').select('after').where('runId', '=', runId).executeTakeFirst();
  const now = Date.now();
  const isPast = now - nominalAt.getTime() > catchUpMs + jitterMs;
  const from = isPast ? now : nominalAt.getTime();
  return (run?.after?.alerts ?? [])
    .flatMap(({ when }, alert) => (when.on === 'late' ? [{ alert, inMs: Math.max(0, from + when.afterMs - now) }] : []))
    .sort((a, b) => a.inMs - b.inMs);
}
