import { sql } from 'kysely';
import { clockKinds, computeClock } from '#contracts/incidents/sla-clock.ts';
import type { IncidentRow } from '../incidents/tables.ts';
import type { TenantTx } from '../kit/database.ts';
import { calendarsById } from './calendars.ts';

type Ended = Pick<IncidentRow, 'id' | 'severity' | 'service' | 'slaPolicyId' | 'openedAt' | 'shownClocks'>;
interface End {
  kind: string;
  targetMs: number;
  usedMs: number;
  metAt: number;
  isKept: boolean;
}

/** Writes what became of an incident's clocks for reports: those that are met, and no more those that were taken up again. */
export async function keepClockEnds(tx: TenantTx, row: Ended): Promise<void> {
  const ends = row.shownClocks.flatMap(({ kind, targetMs, usedMs, metAt, breachedAt }): End[] =>
    metAt === null ? [] : [{ kind, targetMs, usedMs, metAt, isKept: breachedAt === null }],
  );
  await writeEnds(tx, row, ends);
}

async function writeEnds(
  tx: TenantTx,
  { id, severity, service, slaPolicyId, openedAt }: Omit<Ended, 'shownClocks'>,
  ends: readonly End[],
): Promise<void> {
  const kinds = ends.map(({ kind }) => kind);
  await sql`delete from incident_clock_ends where incident_id = ${id} and kind <> all(${kinds}::text[])`.execute(tx);
  for (const { kind, targetMs, usedMs, metAt, isKept } of ends)
    await sql`insert into incident_clock_ends (incident_id, kind, severity, service, policy_id, target_ms, used_ms, opened_at, ended_at, is_kept)
      values (${id}, ${kind}, ${severity}, ${service}, ${slaPolicyId}, ${Math.round(targetMs)}, ${Math.round(usedMs)}, ${openedAt}, ${new Date(metAt)}, ${isKept})
      on conflict (workspace_id, incident_id, kind) do update set severity = excluded.severity, service = excluded.service,
        policy_id = excluded.policy_id, target_ms = excluded.target_ms, used_ms = excluded.used_ms, ended_at = excluded.ended_at,
        is_kept = excluded.is_kept, computed_at = now()`.execute(tx);
}

/**
 * Computes ended clocks anew from their facts, by calendars as they are now: a batch of incidents opened in a window.
 * @returns how many, and the id to go on after; null: there are no more
 */
export async function recomputeEnds(
  tx: TenantTx,
  { from, to, after }: { from: Date; to: Date; after: string | null },
  limit = 500,
): Promise<{ incidents: number; after: string | null }> {
  let query = tx
    .selectFrom('incidents')
    .select(['id', 'severity', 'service', 'slaPolicyId', 'openedAt', 'clocks'])
    .where('openedAt', '>=', from)
    .where('openedAt', '<', to);
  if (after !== null) query = query.where('id', '>', after);
  const [rows, calendars] = await Promise.all([query.orderBy('id').limit(limit).execute(), calendarsById(tx, 'all')]);
  const now = Date.now();
  for (const { clocks, ...row } of rows) {
    const ends = clockKinds.flatMap((kind): End[] => {
      const clock = computeClock(clocks[kind], { calendars, now, warnRatio: 1 });
      if (!clock || clock.metAt === null) return [];
      const { targetMs, usedMs, metAt, breachedAt } = clock;
      return [{ kind, targetMs, usedMs, metAt, isKept: breachedAt === null }];
    });
    await writeEnds(tx, row, ends);
  }
  return { incidents: rows.length, after: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}
