import type { ListedIncident, ShownClock, ShownIncident, TimelineEntry } from '#contracts/incidents/incidents.ts';
import { allowedMoves, type IncidentState, needsReason } from '#contracts/incidents/states.ts';
import { boardStates, namesOf } from './incident-words.ts';

const idOf = (place: number): string => `01900000-0000-7000-8000-${String(place).padStart(12, '0')}`;

/** A clock for tests and stories. */
export const aClock = (changes: Partial<ShownClock> = {}): ShownClock => ({
  kind: 'resolve',
  mode: 'counting',
  targetMs: 5_400_000,
  usedMs: 0,
  warnAt: null,
  dueAt: null,
  breachedAt: null,
  metAt: null,
  ...changes,
});

/** An incident for tests and stories; what matters is said by who uses it. */
export const anIncident = (number: number, changes: Partial<ListedIncident> = {}): ListedIncident => ({
  id: idOf(number),
  number,
  key: `INC-${number}`,
  title: 'Checkout p95 above 2 s in EU',
  severity: 'sev2',
  state: 'open',
  service: 'checkout-api',
  owner: null,
  clocks: [],
  alertsFiring: 0,
  alertsTotal: 0,
  runsActive: 0,
  escalationLevel: 0,
  nextEscalationAt: null,
  mergedInto: null,
  version: 1,
  openedAt: '2026-11-20T13:01:00Z',
  acknowledgedAt: null,
  resolvedAt: null,
  stateSince: '2026-11-20T13:01:00Z',
  updatedAt: '2026-11-20T13:01:00Z',
  ...changes,
});

/** The same as its own page shows it. */
export const aShownIncident = (number: number, changes: Partial<ShownIncident> = {}): ShownIncident => {
  const listed = anIncident(number, changes);
  return {
    ...listed,
    description: '',
    moves: allowedMoves(listed.state).map((to) => ({ to, needsReason: needsReason(listed.state, to) })),
    responders: [],
    tasks: [],
    links: [],
    segments: { respond: [], resolve: [] },
    slaPolicy: null,
    escalationPolicy: null,
    postmortem: '',
    createdBy: { kind: 'user', id: null, name: 'Tomas Okafor' },
    workflowId: `incident/w/${listed.id}`,
    temporalUrl: null,
    ...changes,
  };
};

/** The board's answer with these incidents in their columns. */
export function aBoard(incidents: readonly ListedIncident[], names: Partial<Record<IncidentState, string>> = {}) {
  return {
    columns: boardStates.map((state) => {
      const own = incidents.filter((incident) => incident.state === state);
      return { state, name: namesOf(names)[state], count: own.length, incidents: own };
    }),
    figures: {
      active: incidents.length,
      atRisk: 0,
      breached: 0,
      paused: 0,
      unacknowledged: 0,
      acknowledgeMs: 252_000,
      resolveMs: 4_110_000,
    },
  };
}

export const anEntry = (place: number, changes: Partial<TimelineEntry> = {}): TimelineEntry => ({
  id: idOf(5_000 + place),
  at: '2026-11-20T13:03:41Z',
  kind: 'note',
  actor: { kind: 'user', id: idOf(990), name: 'Mara' },
  text: 'Looking at it',
  details: {},
  editedAt: null,
  ...changes,
});
