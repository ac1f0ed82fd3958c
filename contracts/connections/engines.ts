import type { QueryEngine } from '../queries/engine.ts';

/** Which engine is meant: of a connection, and of one of its business units or instances. */
export interface EngineOf {
  readonly workspaceId: string;
  readonly connectionId: string;
  /** Null: of the connection as a whole, or its default unit. */
  readonly unit: string | null;
  /** For what stops a query or removes what it left: that is done also while the connection is being disconnected. */
  readonly isEnding?: boolean;
}

/**
 * Engines of connections, the same for the API and for activities: configuration, secrets and tokens are read when an
 * engine is opened and while it works, never handed around.
 */
export interface Engines<Rows = never> {
  /**
   * The engine of a connection and unit, with live tokens, within its budget of calls. Whether the caller may use the unit
   * is asked before, by whoever knows the caller.
   * @param rows what was just read of it, by whoever has read something else in the same transaction
   * @throws QueryFailure `auth` where the connection is not there, is being disconnected, or the unit is not known
   */
  open(of: EngineOf, rows?: Rows): Promise<QueryEngine>;
}
