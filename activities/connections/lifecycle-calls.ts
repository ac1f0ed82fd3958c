import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { ConnectionRef, RenewalOutcome, RenewToken } from '#contracts/connections/lifecycle.ts';
import type { SchemaObject } from '#contracts/queries/engine.ts';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import { isOwnGrant, revokeGrant } from '#connectors/engines/grants.ts';
import { openSecrets } from '#db/connections/connection-secrets.ts';
import { openRunsOf } from '#db/connections/connections.ts';
import { connectionForCalls, egressOf } from '#db/connections/engine-rows.ts';
import { countAssets } from '#db/queries/read-execution.ts';
import { beginReading, endReading, failReading, keepObjects, type SchemaOf } from '#db/connections/schema-objects.ts';
import { tokenTimes } from '#db/connections/token-sets.ts';
import { keepUnits, listUnits } from '#db/connections/units.ts';
import { keeper } from '#db/connections/connection-states.ts';
import { endRun, requestCancel } from '#db/runs/end-run.ts';
import type { Log } from '#system/log.ts';
import { whileBeating } from '../kit/while-beating.ts';
import type { ConnectionEngines } from './engines.ts';
import { renewTokens, type RenewTools, tokensToRevoke } from './renew-tokens.ts';

export type ConnectionCallActivities = ReturnType<typeof connectionCallActivities>;

export interface ConnectionCallTools extends RenewTools {
  readonly engines: ConnectionEngines;
  readonly log: Log;
  /** Asks Temporal to cancel a run's workflow; false where none is open. */
  readonly cancelWorkflow: (runId: string) => Promise<boolean>;
}

/** What became of a call whose failure is no exception for the workflow. */
export interface CallOutcome {
  readonly failure: QueryFailureFacts | null;
}

const reason = 'The connection was disconnected.';
/** How soon it is looked again whether runs that were cancelled have ended. */
const lookMs = 500;

/** The service's failure as a fact; anything else is a bug and thrown. */
async function told(work: () => Promise<unknown>): Promise<CallOutcome> {
  try {
    await work();
    return { failure: null };
  } catch (error) {
    if (error instanceof QueryFailure) return { failure: error.facts };
    throw error;
  }
}

/** Activities of `connectionLifecycle` on the queue `query`: they speak with the service. */
export const connectionCallActivities = (tools: ConnectionCallTools) => {
  const { inTenant, vault, engines, log, cancelWorkflow } = tools;

  return {
    /** Repeatable: what stands newer than the generation asked for is the answer. */
    renewTokens: ({ workspaceId, connectionId, ...wanted }: ConnectionRef & RenewToken): Promise<RenewalOutcome> =>
      whileBeating((signal) => renewTokens(tools, { workspaceId, connectionId, unit: wanted.unit }, wanted, signal)),

    /** Reads which business units or instances there are. Repeatable: the last reading stands. */
    readUnits: ({ workspaceId, connectionId }: ConnectionRef): Promise<CallOutcome> =>
      whileBeating((signal) =>
        told(async () => {
          const connection = await inTenant(workspaceId, (tx) => connectionForCalls(tx, connectionId));
          if (!connection || connection.kind === 'postgres') return;
          const engine = await engines.open({ workspaceId, connectionId, unit: null });
          const units: SchemaObject[] = [];
          let cursor: string | null = null;
          do {
            const page = await engine.describe({ what: 'units', cursor }, { signal });
            units.push(...page.objects);
            cursor = page.cursor;
          } while (cursor !== null);
          await inTenant(workspaceId, (tx) =>
            keepUnits(tx, connectionId, units, {
              areAllUsable: connection.kind === 'amc' || isOwnGrant(connection.config),
            }),
          );
        }),
      ),

    /** Asks a database whether it lets us in. */
    probe: ({ workspaceId, connectionId }: ConnectionRef): Promise<CallOutcome> =>
      whileBeating((signal) =>
        told(async () => {
          const engine = await engines.open({ workspaceId, connectionId, unit: null });
          await engine.validate({ sql: 'select 1' }, { signal });
        }),
      ),

    /** Reads what can be queried in a unit, a page after the other. Repeatable: what a lost attempt kept is seen again. */
    readSchema: ({ workspaceId, connectionId, unit }: ConnectionRef & { unit: string }): Promise<CallOutcome> =>
      whileBeating(async (signal) => {
        const of: SchemaOf = { connectionId, unit };
        const connection = await inTenant(workspaceId, (tx) => connectionForCalls(tx, connectionId));
        if (!connection || connection.state === 'disconnecting') return { failure: null };
        const { name } = connection;
        const outcome = await told(async () => {
          const engine = await engines.open({ workspaceId, connectionId, unit: unit === '' ? null : unit });
          const readNo = await inTenant(workspaceId, (tx) => beginReading(tx, of));
          const changes = { added: 0, changed: 0, names: [] as string[] };
          let cursor: string | null = null;
          let cut: string | null = null;
          do {
            const page = await engine.describe({ what: 'objects', cursor }, { signal });
            const kept = await inTenant(workspaceId, (tx) => keepObjects(tx, of, readNo, page.objects));
            changes.added += kept.added;
            changes.changed += kept.changed;
            changes.names = [...changes.names, ...kept.names].slice(0, 10);
            cut ??= page.cut;
            cursor = page.cursor;
          } while (cursor !== null);
          await inTenant(workspaceId, (tx) => endReading(tx, of, { readNo, cut, changes, name }));
        });
        const { failure } = outcome;
        if (failure) await inTenant(workspaceId, (tx) => failReading(tx, of, name, failure));
        return outcome;
      }),

    /** Cancels what still runs on a connection, and waits until it has ended. Repeatable: what has ended is not asked again. */
    endRuns: async ({ workspaceId, connectionId }: ConnectionRef): Promise<void> => {
      const signal = cancellationSignal();
      const asked = new Set<string>();
      for (;;) {
        signal.throwIfAborted();
        const open = await inTenant(workspaceId, (tx) => openRunsOf(tx, connectionId));
        if (open.length === 0) return;
        for (const runId of open) {
          if (asked.has(runId)) continue;
          const wish = await inTenant(workspaceId, (tx) => requestCancel(tx, runId, { actor: keeper, reason }));
          // Temporal knows no open execution: it had not begun, or has just ended. Whichever it was, the run ends.
          if (wish?.mustTell && !(await cancelWorkflow(runId)))
            await inTenant(workspaceId, (tx) =>
              endRun(tx, runId, {
                status: 'canceled',
                actor: keeper,
                error: { code: 'run.canceled', message: reason },
              }),
            );
          asked.add(runId);
        }
        heartbeat();
        await new Promise((resolve) => setTimeout(resolve, lookMs));
      }
    },

    /** Removes all that is ours at the service, in every unit. @returns how much could not be removed, as far as is known */
    sweepOwn: ({
      workspaceId,
      connectionId,
    }: ConnectionRef): Promise<{ left: number; failure: QueryFailureFacts | null }> =>
      whileBeating(async (signal) => {
        let left = 0;
        const { failure } = await told(async () => {
          const units = await inTenant(workspaceId, (tx) => listUnits(tx, connectionId));
          const usable = units.filter(({ isUsable }) => isUsable);
          for (const unit of usable) {
            const engine = await engines.openToLeave({ workspaceId, connectionId, unit: unit.id });
            // Marketing Cloud keeps a folder of ours as well, which goes with what is in it.
            const leave = 'leave' in engine && typeof engine.leave === 'function' ? (engine.leave as Leave) : null;
            const swept = leave
              ? await leave(signal)
              : await engine.sweep({ olderThanMs: 0, keepRunIds: [] }, { signal });
            left += swept.left.length;
          }
        });
        // Where the service lets nobody in any more, all that is on record may still be there.
        if (failure) left = Math.max(left, await inTenant(workspaceId, (tx) => countAssets(tx, connectionId)));
        return { left, failure };
      }),

    /** Gives access back. Repeatable: a token that is none any more is as good as given back. */
    revokeAccess: ({ workspaceId, connectionId }: ConnectionRef): Promise<CallOutcome> =>
      whileBeating((signal) =>
        told(async () => {
          const found = await inTenant(workspaceId, async (tx) => {
            const connection = await connectionForCalls(tx, connectionId);
            if (!connection) return undefined;
            const secrets = await openSecrets(tx, vault, workspaceId, connectionId);
            return { connection, secrets, egress: await egressOf(tx), sets: await tokenTimes(tx, connectionId) };
          });
          if (!found || found.connection.config.kind === 'postgres') return;
          const grant = {
            config: found.connection.config,
            secrets: found.secrets,
            guard: { allow: found.egress, isOwnPort: tools.isOwnPort },
            signal,
          };
          for (const { unit } of found.sets) {
            const tokens = await tokensToRevoke(tools, { workspaceId, connectionId, unit });
            if (!tokens) continue;
            try {
              await revokeGrant(grant, tokens.refresh ?? tokens.access);
            } catch (error) {
              // The service knows it no more: nothing is left to give back.
              if (!(error instanceof QueryFailure) || error.facts.kind !== 'auth') throw error;
              log.debug({ code: error.facts.code, connectionId }, 'access had been taken back already');
            }
          }
        }),
      ),
  };
};
type Leave = (signal?: AbortSignal) => Promise<{ left: readonly unknown[] }>;
