import { connectionSettled, type ConnectionRef } from '#contracts/connections/lifecycle.ts';
import type { ConnectionState } from '#contracts/connections/connections.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { loseUnit, moveConnection } from '#db/connections/connection-states.ts';
import { eraseConnection, openRunsOf } from '#db/connections/connections.ts';
import { connectionForCalls, defaultUnitOf } from '#db/connections/engine-rows.ts';
import { tokenTimes } from '#db/connections/token-sets.ts';
import { forgetAssetsOf } from '#db/queries/move-query-run.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type LifecycleActivities = ReturnType<typeof lifecycleActivities>;

/** A token set as the lifecycle sees it; times in milliseconds since 1970. */
export interface TokenTimes {
  readonly unit: string;
  readonly generation: number;
  readonly expiresAtMs: number;
  readonly refreshAtMs: number | null;
}

/** Where a connection stands in the database. */
export interface ConnectionFacts {
  readonly kind: EngineKind;
  readonly state: ConnectionState;
  readonly failure: QueryFailureFacts | null;
  /** The application signs itself in. */
  readonly isOwnGrant: boolean;
  readonly sets: readonly TokenTimes[];
  readonly areUnitsRead: boolean;
  /** The default unit where its schema was never read; null where there is nothing to read. */
  readonly unreadUnit: string | null;
}

/** Local activities of `connectionLifecycle`: our own database, quick, each repeatable. */
export const lifecycleActivities = ({ inTenant, signalRun }: Pick<ActivityTools, 'inTenant' | 'signalRun'>) => ({
  /** Null: the connection is not there any more. */
  lookAtConnection: ({ workspaceId, connectionId }: ConnectionRef): Promise<ConnectionFacts | null> =>
    inTenant(workspaceId, async (tx) => {
      const [connection, sets, home] = await Promise.all([
        connectionForCalls(tx, connectionId),
        tokenTimes(tx, connectionId),
        defaultUnitOf(tx, connectionId),
      ]);
      if (!connection) return null;
      const { kind, state, failure, config } = connection;
      return {
        kind,
        state,
        failure,
        isOwnGrant: config.kind === 'sfmc' && config.grant === 'server',
        sets: sets.map(({ unit, generation, expiresAt, refreshAt }) => ({
          unit,
          generation,
          expiresAtMs: expiresAt.getTime(),
          refreshAtMs: refreshAt?.getTime() ?? null,
        })),
        areUnitsRead: connection.unitsReadAt !== null,
        unreadUnit: home && !home.isRead ? home.unit : null,
      };
    }),

  /** Moves a connection and tells who waits for it. Repeatable: it moves once, and runs that were told look once more. */
  async settleConnection({
    workspaceId,
    connectionId,
    state,
    failure,
  }: ConnectionRef & { state: ConnectionState; failure: QueryFailureFacts | null }): Promise<void> {
    const waiting = await inTenant(workspaceId, async (tx) => {
      await moveConnection(tx, connectionId, { state, failure });
      return state === 'connected' ? openRunsOf(tx, connectionId, 'waiting') : [];
    });
    await Promise.all(waiting.map((runId) => signalRun(workspaceId, runId, connectionSettled, []).catch(() => false)));
  },

  /** The service takes no token for this unit any more. */
  loseUnit: ({ workspaceId, connectionId, unit }: ConnectionRef & { unit: string }): Promise<void> =>
    inTenant(workspaceId, (tx) => loseUnit(tx, connectionId, unit)),

  eraseConnection: ({ workspaceId, connectionId }: ConnectionRef): Promise<void> =>
    inTenant(workspaceId, async (tx) => {
      await eraseConnection(tx, connectionId);
      // Taking leave has removed what it could and told how much it could not: nobody of ours reaches that any more.
      await forgetAssetsOf(tx, connectionId);
    }),
});
