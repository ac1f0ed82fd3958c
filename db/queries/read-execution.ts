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
