import type { QueryFailureFacts } from '../queries/failures.ts';

/** The entity workflow of a connection: names that API, activities and workflows share. Its id is the run's id. */
export const ConnectionLifecycle = {
  type: 'connectionLifecycle',
  kind: 'connection',
  taskQueue: 'main',
  /** Where calls to the service are made. */
  callsQueue: 'query',
  update: { renewToken: 'renewToken' },
  signal: {
    /** Somebody has signed in, or the configuration was changed: look anew. */
    changed: 'connectionChanged',
    /** Who renews tokens ahead of time could not. */
    renewalFailed: 'renewalFailed',
    schemaAsked: 'schemaAsked',
    disconnectAsked: 'disconnectAsked',
  },
} as const;

/**
 * The key of runs that take one of a connection's slots, `runs.concurrency_key`: of all its units, or of one (an instance
 * has slots of its own). Their subject is the connection.
 */
export const slotKey = (connectionId: string, unit: string | null = null): string =>
  unit === null ? `connection:${connectionId}` : `connection:${connectionId}/${unit}`;

/** Told to each open run of a connection when it can be used again, or never will be. */
export const connectionSettled = 'connectionSettled';

export interface ConnectionRef {
  readonly workspaceId: string;
  readonly connectionId: string;
}

export interface ConnectionLifecycleInput extends ConnectionRef {
  readonly runId: string;
  /** From an earlier execution of the same run. */
  readonly continued?: LifecycleCarried;
}

/** What must survive a renewal of the history. */
export interface LifecycleCarried {
  readonly startedAt: string;
  /** Records written so far. */
  readonly seq: number;
  readonly told: string | null;
  readonly lookMs: number;
  readonly failures: number;
}

/** Asks for another token set than the generation that was found wanting. */
export interface RenewToken {
  readonly unit: string;
  /** Null: whatever stands, on somebody's wish. */
  readonly spent: number | null;
  readonly cause: 'ahead' | 'asked' | 'spent';
}

/** `fresh`: it was renewed since · `renewed` now · `refused` by the service, only a person can help · `failed` for now. */
export interface RenewalOutcome {
  readonly outcome: 'fresh' | 'renewed' | 'refused' | 'failed';
  readonly generation: number;
  readonly failure: QueryFailureFacts | null;
}
