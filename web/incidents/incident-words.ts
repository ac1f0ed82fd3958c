import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { ListedIncident } from '#contracts/incidents/incidents.ts';
import type { ClockKind } from '#contracts/incidents/sla-clock.ts';
import {
  allowedMoves,
  type IncidentState,
  incidentStates,
  needsReason,
  stateFlags,
  stateNames,
} from '#contracts/incidents/states.ts';
import { asFailure } from '../kit/failure.ts';
import { isRecord } from '../kit/shape.ts';

export const severityWords: Readonly<Record<IncidentSeverity, string>> = {
  sev1: 'SEV1',
  sev2: 'SEV2',
  sev3: 'SEV3',
  sev4: 'SEV4',
};
/** What a severity means, for whoever chooses one. */
export const severityHints: Readonly<Record<IncidentSeverity, string>> = {
  sev1: 'Customers cannot do what they came for',
  sev2: 'An important part is broken or very slow',
  sev3: 'A part is impaired, there is a way around',
  sev4: 'Nobody is held up yet',
};

export const clockWords: Readonly<Record<ClockKind, string>> = { respond: 'Respond', resolve: 'Resolve' };

export const roleWords = {
  commander: 'leads',
  responder: 'responds',
  communicator: 'speaks to others',
  observer: 'watches',
} as const;

/** The states that the board has a column for, in the order of life. */
export const boardStates: readonly IncidentState[] = incidentStates.filter((state) => !stateFlags[state].terminal);

/** The names of states in this workspace; those that it has not named have their own. */
export type StateNames = Readonly<Record<IncidentState, string>>;
export const namesOf = (given: Partial<Record<IncidentState, string>> | undefined): StateNames => ({
  ...stateNames,
  ...given,
});

/** The number in a key of the address (`INC-328`); undefined where there is none. */
export function numberOfKey(key: string): number | undefined {
  const digits = /^(?:[a-z][a-z0-9]*-)?(\d{1,9})$/i.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What a move asks for, as the state bar says it. */
export const moveHint = (from: IncidentState, to: IncidentState): string =>
  needsReason(from, to) ? 'needs a reason' : 'no reason needed';

/** The next step that most want: what the strong button of the page does. Null where the life is over. */
export function mainMove(state: IncidentState): IncidentState | null {
  if (state === 'open') return 'acknowledged';
  if (state === 'resolved') return 'closed';
  if (state === 'closed') return 'investigating';
  return allowedMoves(state).includes('resolved') ? 'resolved' : null;
}
/** The same as an act: "Acknowledge". */
export function mainWord(state: IncidentState): string {
  if (state === 'open') return 'Acknowledge';
  if (state === 'resolved') return 'Close';
  return state === 'closed' ? 'Reopen' : 'Resolve';
}

/** How many things, in words: `1 alert`, `4 alerts`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/**
 * Why a change was refused, for the person who made it: what stands now where somebody else was quicker, and which moves
 * are allowed where this one is not.
 */
export function refusalWords(error: unknown, { key }: Pick<ListedIncident, 'key'>, names: StateNames): string {
  const failure = asFailure(error);
  const details = isRecord(failure.details) ? failure.details : {};
  const nameOf = (word: unknown): string => incidentStates.flatMap((state) => (state === word ? [names[state]] : []))[0] ?? String(word); // prettier-ignore
  if (failure.code === 'incident.move_refused' && Array.isArray(details['allowed'])) {
    const allowed = details['allowed'].map(nameOf);
    const where = typeof details['from'] === 'string' ? `It is ${nameOf(details['from'])} now. ` : '';
    return `${key} was not moved. ${where}${allowed.length > 0 ? `It can go to ${allowed.join(', ')}.` : 'Nothing leads on from there.'}`;
  }
  if (failure.code === 'incident.changed_meanwhile') {
    const state = typeof details['state'] === 'string' ? ` It is ${nameOf(details['state'])} now.` : '';
    return `Somebody else changed ${key} meanwhile.${state} Look at it again and repeat the change.`;
  }
  return failure.message;
}
