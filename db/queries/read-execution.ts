import { sql } from 'kysely';
import type { AfterQuery, DeliveryOutcome } from '#contracts/queries/delivery.ts';
import type { EngineKind, QueryColumn, QueryText, RunRef } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { ResolvedParameter } from '#contracts/queries/parameters.ts';
import { bindRun } from '#contracts/queries/prepare-run.ts';
import type { RunStatus } from '#contracts/runs/status.ts';
import type { TenantTx } from '../kit/database.ts';

/** What an attempt needs to know of its run. */
export interface Execution {
  runId: string;
  status: RunStatus;
  connectionId: string;
  connectionName: string;
  engine: EngineKind;
  unit: string | null;
  title: string;
  sql: string;
  parameterDefs: ParameterDef[];
  parameters: ResolvedParameter[];
  options: Record<string, unknown>;
  columns: QueryColumn[] | null;
  ref: RunRef | null;
  rowCount: number | null;
  expiresAt: Date | null;
  closedAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  after: AfterQuery | null;
  deliveries: DeliveryOutcome[];
}

/** @returns null where there is no such run, or it is of a unit that the transaction may not see */
export async function readExecution(tx: TenantTx, runId: string): Promise<Execution | null> {
  const row = await tx
    .selectFrom('queryRuns as q')
    .innerJoin('runs as r', (join) => join.onRef('r.workspaceId', '=', 'q.workspaceId').onRef('r.id', '=', 'q.runId'))
    .select([
      'q.runId',
      'r.status',
      'q.connectionId',
      'q.connectionName',
      'q.engine',
      'q.unit',
      'q.title',
      'q.sqlText as sql',
      'q.parameterDefs',
      'q.parameters',
      'q.options',
      'q.columns',
      'q.ref',
      'q.rowCount',
      'q.expiresAt',
      'q.closedAt',
      'r.startedAt',
      'r.endedAt',
      'q.after',
      'q.deliveries',
    ])
    .where('q.runId', '=', runId)
    .executeTakeFirst();
  return row ? { ...row, unit: row.unit === '' ? null : row.unit } : null;
}

/** A run's text with its values, as its engine takes them. @throws QueryFailure `rows_expired` where the run is not there any more */
export async function readRunText(tx: TenantTx, runId: string): Promise<QueryText> {
  const run = await readExecution(tx, runId);
  if (run) return bindRun(run, run.parameters, run.options).text;
  throw new QueryFailure({
    kind: 'provider',
    code: 'rows_expired',
    message: 'The run is not there any more.',
    hint: 'Run the query again.',
  });
}

/** Connections and units that queries may have left things at, of connections that can be used. */
export async function unitsToSweep(tx: TenantTx): Promise<{ connectionId: string; unit: string | null }[]> {
  const rows = await tx
    .selectFrom('connections as c')
    .innerJoin('connectionUnits as u', (join) =>
      join.onRef('u.workspaceId', '=', 'c.workspaceId').onRef('u.connectionId', '=', 'c.id'),
    )
    .select(['c.id as connectionId', 'u.unit'])
    .where('c.state', '=', 'connected')
    .where('u.isUsable', '=', true)
    // Where no query of ours ever ran there is nothing of ours.
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('queryRuns as q')
          .select('q.runId')
          .whereRef('q.connectionId', '=', 'c.id')
          .whereRef('q.unit', '=', 'u.unit'),
      ),
    )
    .execute();
  return rows;
}

/** Runs whose things at the service stay: those at work, and those whose rows can be read. */
export async function openQueryRuns(tx: TenantTx, connectionId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('queryRuns as q')
    .innerJoin('runs as r', (join) => join.onRef('r.workspaceId', '=', 'q.workspaceId').onRef('r.id', '=', 'q.runId'))
    .select('q.runId')
    .where('q.connectionId', '=', connectionId)
    .where('q.closedAt', 'is', null)
    .where(({ eb, or }) => or([eb('r.endedAt', 'is', null), eb('r.status', '=', 'succeeded')]))
    .where('q.createdAt', '>', sql<Date>`now() - interval '3 days'`)
    .execute();
  return rows.map(({ runId }) => runId);
}

/** How much of runs is on record as being at a connection's service. */
export async function countAssets(tx: TenantTx, connectionId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('remoteAssets')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('connectionId', '=', connectionId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What a run has on record at its service, and whether it is to stay. @returns null where there is nothing */
export async function readAssets(
  tx: TenantTx,
  runId: string,
): Promise<{
  ref: RunRef;
  connectionId: string;
  unit: string | null;
  isAtWork: boolean;
  hasConnection: boolean;
} | null> {
  const row = await tx
    .selectFrom('remoteAssets as a')
    .leftJoin('runs as r', (join) => join.onRef('r.workspaceId', '=', 'a.workspaceId').onRef('r.id', '=', 'a.runId'))
    .leftJoin('connections as c', (join) =>
      join.onRef('c.workspaceId', '=', 'a.workspaceId').onRef('c.id', '=', 'a.connectionId'),
    )
    .select(['a.ref', 'a.connectionId', 'a.unit', 'r.id as run', 'r.endedAt', 'c.id as connection'])
    .where('a.runId', '=', runId)
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  const { ref, connectionId, unit } = row;
  return {
    ref,
    connectionId,
    unit: unit === '' ? null : unit,
    isAtWork: row.run !== null && row.endedAt === null,
    hasConnection: row.connection !== null,
  };
}
