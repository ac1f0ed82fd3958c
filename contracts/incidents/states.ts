// Workflows read this table: no zod here, which each of them would evaluate for itself.

/** The states of an incident, in the order of its life (design §8). A workspace gives them names of its own; keys and flags are fixed. */
export const incidentStates = [
  'open',
  'acknowledged',
  'investigating',
  'pending',
  'mitigated',
  'resolved',
  'closed',
  'merged',
  'canceled',
] as const;
export type IncidentState = (typeof incidentStates)[number];

/** What a state means to everything that looks at it. */
export interface StateFlags {
  /** Somebody still has to do something. */
  active: boolean;
  /** Whether the time in it counts towards resolving; a policy may pause in more states, never in fewer. */
  clock: 'run' | 'stop';
  /** Nothing leads out of it. */
  terminal: boolean;
}

const work: StateFlags = { active: true, clock: 'run', terminal: false };
const rest: StateFlags = { active: false, clock: 'stop', terminal: false };
const end: StateFlags = { active: false, clock: 'stop', terminal: true };

export const stateFlags: Readonly<Record<IncidentState, StateFlags>> = {
  open: work,
  acknowledged: work,
  investigating: work,
  pending: { active: true, clock: 'stop', terminal: false },
  mitigated: work,
  resolved: rest,
  closed: rest,
  merged: end,
  canceled: end,
};

/** The names shown where a workspace has not given its own. */
export const stateNames: Readonly<Record<IncidentState, string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  investigating: 'Investigating',
  pending: 'Pending',
  mitigated: 'Mitigated',
  resolved: 'Resolved',
  closed: 'Closed',
  merged: 'Merged',
  canceled: 'Canceled',
};

/** Which states may follow a state. `merged` is reached by merging alone, never by a bare move. */
const moves: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  open: ['acknowledged', 'investigating', 'pending', 'mitigated', 'resolved', 'canceled'],
  acknowledged: ['investigating', 'pending', 'mitigated', 'resolved', 'canceled'],
  investigating: ['pending', 'mitigated', 'resolved', 'canceled'],
  pending: ['investigating', 'mitigated', 'resolved', 'canceled'],
  mitigated: ['investigating', 'pending', 'resolved'],
  resolved: ['investigating', 'closed'],
  closed: ['investigating'],
  merged: [],
  canceled: [],
};

/** The states that a person may move an incident to. */
export const allowedMoves = (from: IncidentState): readonly IncidentState[] => moves[from];

/** Whether an incident may be merged into another: only while somebody is still at work on it. */
export const canMerge = (from: IncidentState): boolean => stateFlags[from].active;

/** Back to work after it was thought to be over. */
export const isReopening = (from: IncidentState, to: IncidentState): boolean =>
  !stateFlags[from].active && stateFlags[to].active;

/** The move says why: it ends the work, sets it aside, or takes up what was thought to be over. */
export const needsReason = (from: IncidentState, to: IncidentState): boolean =>
  to === 'pending' || !stateFlags[to].active || isReopening(from, to);

/** For so long after a move whoever made it may take it back: the toast that offers it, and a slow hand. */
export const takeBackMs = 60_000;

/** Has somebody answered: in every state but the first, for whoever works on it has seen it. */
export const isAnswered = (state: IncidentState): boolean => state !== 'open';

export type MoveRefusal =
  | { code: 'incident.move_refused'; from: IncidentState; to: IncidentState; allowed: readonly IncidentState[] }
  | { code: 'incident.reason_missing'; from: IncidentState; to: IncidentState };

/**
 * Whether a move may be made; the one table behind update validators, API and board.
 * @returns undefined where it may, otherwise the refusal with what would be allowed
 */
export function refuseMove(
  from: IncidentState,
  to: IncidentState,
  reason: string | undefined,
): MoveRefusal | undefined {
  const allowed = allowedMoves(from);
  if (!allowed.includes(to)) return { code: 'incident.move_refused', from, to, allowed };
  if (needsReason(from, to) && !reason?.trim()) return { code: 'incident.reason_missing', from, to };
  return undefined;
}
