import { connectionSettled, slotKey } from '../connections/lifecycle.ts';
import type { EngineKind } from './engine.ts';
import type { QueryFailureFacts } from './failures.ts';

/** Names that the API and the workers share. */
export const RunQuery = {
  type: 'runQuery',
  taskQueue: 'main',
  /** Engines are spoken to by workers of their own. */
  engineQueue: 'query',
  kind: 'query',
  signal: {
    /** The connection can be used again, or never will be: who waits for that looks anew. */
    connectionSettled,
  },
} as const;

/** What one query run is made of: ids, never data. Text, parameters and reference lie in its row `query_runs`. */
export interface RunQueryInput {
  workspaceId: string;
  runId: string;
  connectionId: string;
  engine: EngineKind;
  unit: string | null;
  /** How long it may take in all, waiting for a sign-in left out. */
  limitMs: number;
  /** Checking and starting are one activity; of runs that began before that was so they are two. */
  inOne?: true;
  /** How much there is to do once its rows are there; what it is lies in its row. */
  after?: { deliveries: number; alerts: number } | null;
  /** Set where the run goes on from an execution whose history had become long (continue-as-new). */
  continued?: { seq: number; startedAt: string; spentMs: number } | null;
}

/** What a parent takes from a query: counts and names, never rows. */
export interface RunQueryResult {
  status: 'succeeded' | 'failed' | 'canceled' | 'timed_out';
  rowCount: number | null;
  columns: readonly { readonly name: string; readonly type: string }[];
  failure: QueryFailureFacts | null;
}

/** AMC runs for six hours at most unless asked otherwise, SFMC half an hour; what is longer is an engine that hangs. */
export const queryLimitMs = 26 * 3_600_000;

/** Amazon counts its slots by instance; all others by the whole connection. */
export const slotKeyOf = (engine: EngineKind, connectionId: string, unit: string | null): string =>
  slotKey(connectionId, engine === 'amc' ? unit : null);

/** How long rows are kept at the service for nobody, and at most. */
export const idleRowsMs = 30 * 60_000;
export const mostRowsMs = 24 * 3_600_000;
