import { sql } from 'kysely';
import { computeClock } from '#contracts/incidents/sla-clock.ts';
import type { ListedIncident, ShownClock } from '#contracts/incidents/incidents.ts';
import type { BusinessCalendar } from '#contracts/incidents/business-calendar.ts';
import type { ClockFacts } from '#contracts/incidents/sla-policy.ts';
import type { TenantTx } from '../kit/database.ts';
import { calendarsById } from '../sla/calendars.ts';
import type { IncidentRow, KeptClock } from './tables.ts';

/** What a list reads of an incident. */
export const listedColumns = [
  'id', 'number', 'key', 'title', 'severity', 'state', 'service', 'ownerId', 'shownClocks', 'alertsFiring', 'alertsTotal',
  'escalationLevel', 'nextEscalationAt', 'mergedInto', 'version', 'openedAt', 'acknowledgedAt', 'resolvedAt', 'stateSince',
  'updatedAt',
] as const; // prettier-ignore
export type ListedRow = Pick<IncidentRow, (typeof listedColumns)[number]>;

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const isStale = ({ until }: KeptClock, now: number): boolean => until !== null && until <= now;

/** A kept clock as it is now: what counts has gone on counting. */
function showKept(clock: KeptClock, now: number): ShownClock {
  const { kind, mode, targetMs, usedMs, at, warnAt, dueAt, breachedAt, metAt } = clock;
  const isLate = breachedAt === null && dueAt !== null && dueAt <= now && mode === 'counting';
  return {
    kind,
    mode,
    targetMs,
    usedMs: mode === 'counting' ? usedMs + Math.max(0, now - at) : usedMs,
    warnAt: iso(warnAt),
    dueAt: iso(dueAt),
    breachedAt: iso(isLate ? dueAt : breachedAt),
    metAt: iso(metAt),
  };
}

/** A clock whose calendar has opened or closed since it was kept, computed from its facts. */
function showAnew(
  kept: KeptClock,
  facts: ClockFacts,
  { calendars, now }: { calendars: Readonly<Record<string, BusinessCalendar>>; now: number },
): ShownClock {
  const clock = computeClock(facts[kept.kind], { calendars, now, warnRatio: 1 });
  if (!clock) return showKept(kept, now);
  const { mode, targetMs, usedMs, dueAt, breachedAt, metAt } = clock;
  // When it is at risk does not depend on which hours are open now.
  return { kind: kept.kind, mode, targetMs, usedMs, warnAt: iso(kept.warnAt), dueAt: iso(dueAt), breachedAt: iso(breachedAt), metAt: iso(metAt) }; // prettier-ignore
}

/** Rows of incidents as lists, board and page show them. */
export async function showListed(tx: TenantTx, rows: readonly ListedRow[], now: number): Promise<ListedIncident[]> {
  if (rows.length === 0) return [];
  const stale = rows.filter(({ shownClocks }) => shownClocks.some((clock) => isStale(clock, now))).map(({ id }) => id);
  const owners = rows.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId]));
  const mergedInto = rows.flatMap(({ mergedInto: into }) => (into === null ? [] : [into]));
  const [people, runs, targets, facts] = await Promise.all([
    owners.length === 0 ? [] : readNames(tx, owners),
    readActiveRuns(
      tx,
      rows.map(({ id }) => id),
    ),
    mergedInto.length === 0
      ? []
      : tx
          .selectFrom('incidents')
          .select(['id', 'key'])
          .where(sql<boolean>`id = any(${mergedInto}::uuid[])`)
          .execute(),
    stale.length === 0
      ? []
      : tx
          .selectFrom('incidents')
          .select(['id', 'clocks'])
          .where(sql<boolean>`id = any(${stale}::uuid[])`)
          .execute(),
  ]);
  const calendars = facts.length === 0 ? {} : await calendarsById(tx, 'all');
  const nameOf = new Map(people.map(({ id, name }) => [id, name]));
  const runsOf = new Map(runs.map(({ id, count }) => [id, count]));
  const keyOf = new Map(targets.map(({ id, key }) => [id, key]));
  const factsOf = new Map(facts.map(({ id, clocks }) => [id, clocks]));
  return rows.map((row) => {
    const known = factsOf.get(row.id);
    return {
      id: row.id,
      number: row.number,
      key: row.key,
      title: row.title,
      severity: row.severity,
      state: row.state,
      service: row.service,
      owner:
        row.ownerId === null ? null : { id: row.ownerId, name: nameOf.get(row.ownerId) ?? 'Somebody who has left' },
      clocks: row.shownClocks.map((clock) =>
        known && isStale(clock, now) ? showAnew(clock, known, { calendars, now }) : showKept(clock, now),
      ),
      alertsFiring: row.alertsFiring,
      alertsTotal: row.alertsTotal,
      runsActive: runsOf.get(row.id) ?? 0,
      escalationLevel: row.escalationLevel,
      nextEscalationAt: row.nextEscalationAt?.toISOString() ?? null,
      mergedInto: row.mergedInto === null ? null : { id: row.mergedInto, key: keyOf.get(row.mergedInto) ?? '' },
      version: row.version,
      openedAt: row.openedAt.toISOString(),
      acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
      resolvedAt: row.resolvedAt?.toISOString() ?? null,
      stateSince: row.stateSince.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  });
}

const readNames = (tx: TenantTx, ids: readonly string[]) =>
  tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name'])
    .where(sql<boolean>`u.id = any(${[...new Set(ids)]}::uuid[])`)
    .execute();

/** How many runs that are linked to each incident have not ended. */
async function readActiveRuns(tx: TenantTx, ids: readonly string[]): Promise<{ id: string; count: number }[]> {
  const { rows } = await sql<{ id: string; count: number }>`
    select l.incident_id as id, count(*)::int as count from incident_links l
    join runs r on r.id = l.ref::uuid and r.ended_at is null
    where l.kind = 'run' and l.incident_id = any(${ids}::uuid[]) group by l.incident_id`.execute(tx);
  return rows;
}
