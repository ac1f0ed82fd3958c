import type { ActorRef } from '../kit/schemas.ts';
import type { ChangeIncident } from './incidents.ts';
import type { IncidentState } from './states.ts';

/** The entity workflow of an incident: names that API, activities and workflows share. */
export const IncidentLifecycle = {
  type: 'incidentLifecycle',
  kind: 'incident',
  taskQueue: 'main',
  update: { move: 'move', change: 'change', escalate: 'escalate', merge: 'merge' },
  signal: { told: 'incidentTold' },
} as const;

export interface IncidentRef {
  readonly workspaceId: string;
  readonly incidentId: string;
}

/** One workflow for each incident; where it has ended or was lost, the next one under this id goes on from the row. */
export const incidentWorkflowId = ({ workspaceId, incidentId }: IncidentRef): string =>
  `incident/${workspaceId}/${incidentId}`;

/** What a workflow is told after a commit. All it does is look at the row; the kind says why, for who reads a history. */
export interface IncidentSignal {
  readonly kind: 'opened' | 'alerts' | 'rules' | 'look';
}

/** Who acts and from where, for the story and the audit log. */
export interface IncidentDoer {
  readonly actor: ActorRef;
  readonly address?: string | null;
  readonly requestId?: string | null;
}

/** What people ask of an incident. `version` is the one they saw; none: whatever stands. */
export type IncidentAct = { readonly by: IncidentDoer } & (
  | {
      readonly act: 'move';
      readonly to: IncidentState;
      readonly reason?: string;
      readonly version?: number;
      /** Takes one's own last move back: to where it came from, which the table of moves may not allow. */
      readonly takesBack?: boolean;
    }
  | { readonly act: 'change'; readonly change: Omit<ChangeIncident, 'version'>; readonly version?: number }
  | { readonly act: 'escalate'; readonly reason?: string }
  | { readonly act: 'merge'; readonly into: string; readonly reason?: string; readonly version?: number }
);

/** Where an incident stands, as its workflow needs it. */
export interface IncidentStanding {
  readonly state: IncidentState;
  readonly version: number;
  /** Raised with each write of the row: the later of two answers. */
  readonly revision: number;
  /** When something will be due, in milliseconds since 1970; null: nothing until somebody acts. */
  readonly nextAt: number | null;
}

export interface IncidentRefusal {
  /** Of the error list. */
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type IncidentAnswer =
  | { readonly isDone: true; readonly standing: IncidentStanding }
  | { readonly isDone: false; readonly refusal: IncidentRefusal };
