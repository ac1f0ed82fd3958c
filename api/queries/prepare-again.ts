import type { TimeWindow } from '#contracts/queries/query-runs.ts';
import type { AfterQuery } from '#contracts/queries/delivery.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readConnectionOf, readUnitOf } from '#db/queries/connection-of.ts';
import { mustMayQuery } from '#db/queries/query-rules.ts';
import { readExecution } from '#db/queries/read-execution.ts';
import { readQueryRun } from '#db/queries/query-runs.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { PreparedQuery } from './prepare-query.ts';

/**
 * Reads a run that has ended as one to run again: its text, its values as they were resolved, and what was to be done with
 * its rows.
 * @throws Problem where it is not there or still at work, or its connection or unit are gone; Refusal `query.act_forbidden`
 */
export async function prepareAgain(
  tx: TenantTx,
  runId: string,
  actor: Actor,
): Promise<PreparedQuery & { timeWindow: TimeWindow | null; after: AfterQuery | null }> {
  const [run, shown] = [await readExecution(tx, runId), await readQueryRun(tx, runId)];
  if (!run || !shown) throw problem('request.not_found');
  if (!run.endedAt) throw problem('run.not_rerunnable');
  const connection = await readConnectionOf(tx, run.connectionId);
  if (!connection) throw problem('query.connection_unknown');
  if (connection.state === 'disconnecting') throw problem('connection.disconnecting', { name: connection.name });
  const unit = await readUnitOf(tx, connection, run.unit ?? undefined);
  if (unit === undefined) throw problem('connection.unit_unknown', { unit: run.unit ?? '(none was named)' });
  await mustMayQuery(tx, actor, 'run', { connectionId: connection.id, unit: unit?.id });
  if ((run.after?.deliveries.length ?? 0) > 0)
    await mustMayQuery(tx, actor, 'export', { connectionId: connection.id, unit: unit?.id });
  const { queryId, queryVersion } = shown;
  return {
    connection,
    unit,
    title: run.title,
    sql: run.sql,
    parameterDefs: run.parameterDefs,
    parameters: run.parameters,
    options: run.options,
    query: queryId !== null && queryVersion !== null ? { id: queryId, version: queryVersion } : null,
    timeWindow: shown.timeWindow,
    after: run.after,
  };
}
