import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { IncidentTimes } from '#contracts/incidents/due-deeds.ts';
import type { IncidentLink, Responder as ResponderShape, TimelineEntry } from '#contracts/incidents/incidents.ts';
import type { IncidentSignal } from '#contracts/incidents/lifecycle.ts';
import type { ClockKind, ClockSegment } from '#contracts/incidents/sla-clock.ts';
import type { ClockFacts } from '#contracts/incidents/sla-policy.ts';
import type { IncidentState } from '#contracts/incidents/states.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { SavedViewsTable } from '../kit/saved-views.ts';
import type { EscalationState } from '#contracts/oncall/escalation.ts';
import type { z } from 'zod';

export interface IncidentsTables {
  incidents: IncidentsTable;
  incidentTimeline: IncidentTimelineTable;
  incidentTasks: IncidentTasksTable;
  incidentLinks: IncidentLinksTable;
  incidentSignals: IncidentSignalsTable;
  incidentSettings: IncidentSettingsTable;
  incidentNumbers: IncidentNumbersTable;
  incidentViews: SavedViewsTable;
}

type Kept<T> = ColumnType<T, string | undefined, string>;

/** A clock as it was at the last look, in milliseconds since 1970, so that lists need not walk its facts. */
export interface KeptClock {
  kind: ClockKind;
  mode: ClockSegment['mode'];
  targetMs: number;
  usedMs: number;
  warnAt: number | null;
  dueAt: number | null;
  breachedAt: number | null;
  metAt: number | null;
  /** When `usedMs` held. */
  at: number;
  /** When a calendar opens or closes next: from then on it is computed anew. Null: it goes on like this. */
  until: number | null;
}

export type Responder = z.infer<typeof ResponderShape>;

export interface IncidentsTable {
  workspaceId: Generated<string>;
  id: string;
  number: number;
  key: string;
  title: string;
  description: Generated<string>;
  severity: IncidentSeverity;
  state: Generated<IncidentState>;
  isActive: GeneratedAlways<boolean>;
  service: string | null;
  ownerId: string | null;
  escalationPolicyId: string | null;
  slaPolicyId: string | null;
  responders: Kept<Responder[]>;
  clocks: Kept<ClockFacts>;
  told: Kept<IncidentTimes['told']>;
  escalation: ColumnType<EscalationState | null, string | null | undefined, string | null>;
  shownClocks: Kept<KeptClock[]>;
  /** The earliest time at which a clock that counts is or will be at risk; of those that are late, since when. */
  riskAt: Date | null;
  breachAt: Date | null;
  isPaused: Generated<boolean>;
  escalationLevel: Generated<number>;
  nextEscalationAt: Date | null;
  /** When the workflow looks by itself; one that is long past tells of a lost workflow. */
  nextAt: Date | null;
  alertsFiring: Generated<number>;
  alertsTotal: Generated<number>;
  /** Whether it is resolved once no alert of it fires any more. */
  resolvesWithAlerts: Generated<boolean>;
  mergedInto: string | null;
  postmortem: Generated<string>;
  dedupKey: string | null;
  /** Whether its workflow has looked at it for the first time. */
  isBegun: Generated<boolean>;
  version: Generated<number>;
  revision: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  openedAt: Generated<Date>;
  acknowledgedAt: Date | null;
  resolvedAt: Date | null;
  stateSince: Generated<Date>;
  updatedAt: Generated<Date>;
  searchText: GeneratedAlways<string>;
}
export type IncidentRow = Selectable<IncidentsTable>;

export interface IncidentTimelineTable {
  workspaceId: Generated<string>;
  incidentId: string;
  id: string;
  at: Generated<Date>;
  kind: TimelineEntry['kind'];
  actor: ColumnType<ActorRef, string, never>;
  text: string;
  details: ColumnType<Record<string, Json>, string, string>;
  dedupKey: string | null;
  editedAt: Date | null;
}
export interface IncidentTasksTable {
  workspaceId: Generated<string>;
  incidentId: string;
  id: string;
  title: string;
  assigneeId: string | null;
  createdAt: Generated<Date>;
  doneAt: Date | null;
}
export interface IncidentLinksTable {
  workspaceId: Generated<string>;
  incidentId: string;
  id: string;
  kind: IncidentLink['kind'];
  ref: string;
  label: string;
  addedAt: Generated<Date>;
}
export interface IncidentSignalsTable {
  workspaceId: Generated<string>;
  incidentId: string;
  id: string;
  signal: ColumnType<IncidentSignal, string, never>;
  createdAt: Generated<Date>;
}
export interface IncidentSettingsTable {
  workspaceId: Generated<string>;
  names: Kept<Partial<Record<IncidentState, string>>>;
  prefix: Generated<string>;
  /** Null: the one of the house. */
  postmortemOutline: string | null;
}
export interface IncidentNumbersTable {
  workspaceId: Generated<string>;
  last: number;
}
