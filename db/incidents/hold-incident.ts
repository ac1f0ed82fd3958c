import { clocksAt, dueDeeds, type IncidentRules, type IncidentTimes } from '#contracts/incidents/due-deeds.ts';
import { openSpans } from '#contracts/incidents/business-calendar.ts';
import type { IncidentStanding } from '#contracts/incidents/lifecycle.ts';
import { clockKinds, type ClockFact } from '#contracts/incidents/sla-clock.ts';
import { clocksRetargeted } from '#contracts/incidents/sla-policy.ts';
import { isAnswered, stateFlags } from '#contracts/incidents/states.ts';
import { nextLevel } from '#contracts/oncall/escalation.ts';
import type { TenantTx } from '../kit/database.ts';
import { keepClockEnds } from '../sla/clock-ends.ts';
import { readRules } from './read-rules.ts';
import type { IncidentRow, KeptClock } from './tables.ts';

/** An incident that this transaction holds, with its rules: what is set in `row` is written by `keepIncident`. */
export interface HeldIncident {
  row: IncidentRow;
  rules: IncidentRules;
  /** Milliseconds since 1970; never before what has happened to it already, whoever's clock runs late. */
  now: number;
}

/** Locks an incident's row and reads what holds for it now. @returns undefined where there is none */
export async function holdIncident(tx: TenantTx, id: string, at: number): Promise<HeldIncident | undefined> {
  const row = await tx.selectFrom('incidents').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) return undefined;
  return { row, ...(await rulesNow(tx, row)), now: Math.max(at, lastFactAt(row)) };
}

async function rulesNow(tx: TenantTx, row: IncidentRow): Promise<{ rules: IncidentRules }> {
  const { rules, slaPolicyId } = await readRules(tx, row);
  row.slaPolicyId = slaPolicyId;
  return { rules };
}

const lastFactAt = ({ openedAt, stateSince, clocks }: IncidentRow): number =>
  Math.max(openedAt.getTime(), stateSince.getTime(), ...clockKinds.flatMap((kind) => clocks[kind].map(({ at }) => at)));

/** Reads rules anew after a change of service, severity or policy, and gives the clocks their new targets. */
export async function retarget(tx: TenantTx, held: HeldIncident, why: string): Promise<void> {
  held.rules = (await rulesNow(tx, held.row)).rules;
  const { row, rules, now } = held;
  row.clocks = clocksRetargeted(row.clocks, rules.sla, { severity: row.severity, state: row.state, at: now, why });
}

export const timesOf = ({ state, clocks, told, escalation }: IncidentRow): IncidentTimes => ({
  state,
  clocks,
  told,
  escalation,
});

/** What lists show of the clocks, and when time does something next. */
export function derive({ row, rules, now }: HeldIncident): {
  shownClocks: KeptClock[];
  riskAt: Date | null;
  breachAt: Date | null;
  isPaused: boolean;
  nextEscalationAt: Date | null;
  nextAt: Date | null;
} {
  const times = timesOf(row);
  const clocks = clocksAt(times, rules, now);
  const shownClocks = clockKinds.flatMap((kind): KeptClock[] => {
    const clock = clocks[kind];
    if (!clock) return [];
    const { mode, targetMs, usedMs, warnAt, dueAt, breachedAt, metAt } = clock;
    const until = mode === 'counting' || mode === 'outside' ? turnOf(row.clocks[kind], rules, now) : null;
    return [{ kind, mode, targetMs, usedMs, warnAt, dueAt, breachedAt, metAt, at: now, until }];
  });
  const open = shownClocks.filter(({ mode }) => mode !== 'met');
  const earliest = (instants: (number | null)[]): Date | null => {
    const known = instants.filter((at) => at !== null);
    return known.length === 0 ? null : new Date(Math.min(...known));
  };
  const isWaiting = row.escalation !== null && !isAnswered(row.state) && stateFlags[row.state].active;
  const next = isWaiting && row.escalation && rules.escalation ? nextLevel(rules.escalation, row.escalation) : null;
  const { nextAt, deeds } = dueDeeds(times, rules, now);
  return {
    shownClocks,
    riskAt: earliest(open.map(({ warnAt }) => warnAt)),
    breachAt: earliest(shownClocks.map(({ breachedAt, dueAt, mode }) => breachedAt ?? (mode === 'met' ? null : dueAt))),
    isPaused: open.some(({ mode }) => mode === 'paused'),
    nextEscalationAt: next && new Date(next.at),
    nextAt: deeds.length > 0 ? new Date(now) : nextAt === null ? null : new Date(nextAt),
  };
}

/** When the calendar of a clock opens or closes next; null: it never closes. */
function turnOf(facts: readonly ClockFact[], { calendars }: IncidentRules, now: number): number | null {
  const set = facts.findLast((fact) => fact.fact === 'started' || fact.fact === 'retargeted');
  const calendar = set && 'calendarId' in set && set.calendarId !== null ? (calendars[set.calendarId] ?? null) : null;
  if (!calendar) return null;
  for (const span of openSpans(calendar, now)) return span.from > now ? span.from : span.to;
  return null;
}

/**
 * Writes what was changed of a held incident, with all that follows from it.
 * @param isChanged whether people who saw it before have to look again: its version goes up
 */
export async function keepIncident(
  tx: TenantTx,
  held: HeldIncident,
  { isChanged }: { isChanged: boolean },
): Promise<IncidentStanding> {
  const { row } = held;
  const hadEnded = row.shownClocks.some(({ metAt }) => metAt !== null);
  Object.assign(row, derive(held), { revision: row.revision + 1, updatedAt: new Date(), isBegun: true });
  if (isChanged) row.version += 1;
  const {
    workspaceId: _workspace,
    id,
    number: _number,
    key: _key,
    isActive: _active,
    searchText: _search,
    ...rest
  } = row;
  const { createdBy: _by, dedupKey: _dedup, openedAt: _opened, ...set } = rest;
  await tx
    .updateTable('incidents')
    .set({
      ...set,
      responders: JSON.stringify(row.responders),
      clocks: JSON.stringify(row.clocks),
      told: JSON.stringify(row.told),
      escalation: row.escalation && JSON.stringify(row.escalation),
      shownClocks: JSON.stringify(row.shownClocks),
    })
    .where('id', '=', id)
    .execute();
  // Before anybody has answered no clock has ended; an answer that was taken back had ended one.
  if (row.acknowledgedAt !== null || row.resolvedAt !== null || hadEnded) await keepClockEnds(tx, row);
  return standingOf(row);
}

export const standingOf = ({ state, version, revision, nextAt }: IncidentRow): IncidentStanding => ({
  state,
  version,
  revision,
  nextAt: nextAt?.getTime() ?? null,
});
