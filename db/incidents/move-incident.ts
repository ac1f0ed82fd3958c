import { clocksMoved } from '#contracts/incidents/sla-policy.ts';
import {
  allowedMoves,
  type IncidentState,
  isAnswered,
  isReopening,
  refuseMove,
  stateFlags,
  takeBackMs,
} from '#contracts/incidents/states.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import { runIncidentRules } from '../incident-rules/on-incident.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { HeldIncident } from './hold-incident.ts';
import { draftPostmortem, isPostmortemWritten } from './postmortem.ts';
import { readIncidentSettings } from './settings.ts';
import { addTimeline, lastMove } from './timeline.ts';

export interface Move {
  to: IncidentState;
  reason?: string | undefined;
  actor: ActorRef;
  dedupKey?: string;
}

/**
 * Moves a held incident by the table of moves, with its clocks, its story and its event; `keepIncident` writes it.
 * @throws Refusal `incident.move_refused` with what is allowed, `incident.reason_missing`
 */
export async function moveHeld(tx: TenantTx, held: HeldIncident, { to, reason, actor, dedupKey }: Move): Promise<void> {
  const refused = refuseMove(held.row.state, to, reason);
  const { names } = await readIncidentSettings(tx);
  if (refused) {
    const facts = { from: names[refused.from], to: names[refused.to] };
    if (refused.code === 'incident.reason_missing') throw new Refusal(refused.code, facts);
    throw new Refusal(refused.code, facts, { from: refused.from, to: refused.to, allowed: refused.allowed });
  }
  await setState(tx, held, { to, reason, actor, names, dedupKey });
  if ((to === 'resolved' || to === 'closed') && !(await isPostmortemWritten(tx, held.row)))
    held.row.postmortem = await draftPostmortem(tx, held.row);
}

/**
 * Takes back the last move of a held incident, by whoever made it and while that is fresh: clocks go on as if nobody had
 * answered or ended, and the story keeps both.
 * @throws Refusal `incident.move_refused` where another move was the last, or somebody else's, or it is too long ago
 */
export async function takeBackMove(
  tx: TenantTx,
  held: HeldIncident,
  { to, actor, dedupKey }: Pick<Move, 'to' | 'actor' | 'dedupKey'>,
): Promise<void> {
  const { row, now } = held;
  const { names } = await readIncidentSettings(tx);
  const last = await lastMove(tx, row.id);
  const isOwn = last?.actor.kind === actor.kind && last.actor.id === actor.id;
  const isLast = last?.details['from'] === to && last.details['to'] === row.state && last.details['takesBack'] !== true;
  if (!last || !isOwn || !isLast || now - last.at.getTime() > takeBackMs)
    throw new Refusal(
      'incident.move_refused',
      { from: names[row.state], to: names[to] },
      { from: row.state, to, allowed: allowedMoves(row.state) },
    );
  await setState(tx, held, { to, reason: 'Taken back', actor, names, dedupKey, details: { takesBack: true } });
}

/** Sets a state that may be set, with all that follows. */
export async function setState(
  tx: TenantTx,
  held: HeldIncident,
  {
    to,
    reason,
    actor,
    names,
    dedupKey,
    details = {},
  }: Omit<Move, 'dedupKey'> & {
    names: Record<IncidentState, string>;
    dedupKey?: string | undefined;
    details?: Record<string, string | boolean>;
  },
): Promise<void> {
  const { row, rules, now } = held;
  const from = row.state;
  const at = new Date(now);
  row.clocks = clocksMoved(row.clocks, rules.sla, { from, to, at: now, why: reason ?? `Moved to ${names[to]}` });
  row.state = to;
  row.stateSince = at;
  if (!isAnswered(to)) row.acknowledgedAt = null;
  else if (!stateFlags[to].terminal) row.acknowledgedAt ??= at;
  if (isReopening(from, to)) {
    row.resolvedAt = null;
    // Its alerts are over, and somebody knows better: it is theirs to end, until an alert fires again.
    if (row.alertsFiring === 0) row.resolvesWithAlerts = false;
  } else if (stateFlags[from].active && !stateFlags[to].active) row.resolvedAt = at;
  await addTimeline(tx, row.id, {
    kind: to === 'merged' ? 'merged' : 'moved',
    actor,
    text: `${isReopening(from, to) ? 'Reopened: from' : 'From'} ${names[from]} to ${names[to]}${reason ? `: ${reason}` : ''}`,
    details: { from, to, reason: reason ?? null, ...details },
    at,
    ...(dedupKey !== undefined && { dedupKey }),
  });
  await appendEvent(tx, {
    type: to === 'merged' ? 'incident.merged' : 'incident.moved',
    subject: `incident:${row.id}`,
    actor,
    data: { key: row.key, title: row.title, severity: row.severity, from, to, version: row.version + 1, ...details },
  });
  await runIncidentRules(tx, { incident: row, happened: 'state' });
}
