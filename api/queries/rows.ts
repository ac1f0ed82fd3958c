import type { EngineOf } from '#contracts/connections/engines.ts';
import type { ErrorCode } from '#contracts/errors.ts';
import type { QueryColumn, QueryEngine, QueryPage, RunRef } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { RowsPage } from '#contracts/queries/query-runs.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { dueAssets, moveQueryRun, noteCleanup } from '#db/queries/move-query-run.ts';
import { type Execution, readExecution } from '#db/queries/read-execution.ts';
import type { Actor } from '../kit/actor.ts';
import { type Problem, problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

/** A run whose rows can be asked for, with the engine that has them. */
export interface ReadableRun {
  readonly run: Execution;
  readonly ref: RunRef;
  readonly columns: readonly QueryColumn[];
  readonly engine: QueryEngine;
  readonly connectionName: string;
}

/**
 * Opens the rows of a run for its caller, who must be able to see its unit.
 * @throws Problem 404, 409 `rows.not_ready`, `rows.none`, 410 `rows.expired`
 */
export async function openRows(tools: ApiTools, actor: Actor, runId: string): Promise<ReadableRun> {
  const { run, connectionName } = await tools.inTenant(actor, async (tx) => {
    const found = await readExecution(tx, runId);
    if (!found) throw problem('request.not_found');
    if (found.status === 'succeeded' && !found.closedAt) await dueAssets(tx, runId, 'idle');
    return { run: found, connectionName: found.connectionName };
  });
  if (!run.endedAt) throw problem('rows.not_ready', { retryAfter: 1 });
  if (run.status !== 'succeeded') throw problem('rows.none');
  if (run.closedAt || !run.ref || (run.expiresAt && run.expiresAt.getTime() <= Date.now()))
    throw problem('rows.expired');
  const of: EngineOf = { workspaceId: actor.workspaceId, connectionId: run.connectionId, unit: run.unit };
  try {
    return {
      run,
      ref: run.ref,
      columns: run.columns ?? [],
      engine: await tools.engines.open(of),
      connectionName,
    };
  } catch (error) {
    throw refusalOf(error, connectionName, 'rows.unavailable');
  }
}

/** One page of an open run. @throws Problem */
export async function pageOf(
  tools: ApiTools,
  actor: Actor,
  { run, ref, columns, engine, connectionName }: ReadableRun,
  at: { cursor: string | null; limit: number; signal?: AbortSignal },
): Promise<QueryPage> {
  try {
    return await engine.page(
      { ref, columns, cursor: at.cursor, limit: at.limit },
      at.signal ? { signal: at.signal } : {},
    );
  } catch (error) {
    // Gone at the service: from now on nobody asks there. Of a database one reading has ended, and another can begin.
    if (error instanceof QueryFailure && error.facts.code === 'rows_expired' && engine.kind !== 'postgres')
      await tools.inTenant(actor, (tx) => moveQueryRun(tx, run.runId, { phase: 'closed' }));
    throw refusalOf(error, connectionName, 'rows.unavailable');
  }
}

/** Rows by cursor, or from an offset, which is walked to. Nothing of them is kept. */
export async function readRows(
  tools: ApiTools,
  actor: Actor,
  runId: string,
  { cursor, offset, limit }: { cursor?: string | undefined; offset?: number | undefined; limit: number },
): Promise<RowsPage> {
  const open = await openRows(tools, actor, runId);
  let page = await pageOf(tools, actor, open, { cursor: cursor ?? null, limit });
  while (
    cursor === undefined &&
    offset !== undefined &&
    page.offset + page.rows.length <= offset &&
    page.cursor !== null
  )
    page = await pageOf(tools, actor, open, { cursor: page.cursor, limit });
  const passedOver = cursor === undefined && offset !== undefined ? Math.max(0, offset - page.offset) : 0;
  return {
    columns: page.columns.map((column) => ({ ...column })),
    rows: page.rows.slice(passedOver).map((row) => [...row]),
    offset: page.offset + Math.min(passedOver, page.rows.length),
    cursor: page.cursor,
    total: page.total ?? open.run.rowCount,
    source: page.source,
    executedAt: (open.run.endedAt ?? new Date()).toISOString(),
    expiresAt: page.expiresAt ?? open.run.expiresAt?.toISOString() ?? null,
  };
}

/**
 * The rows are not needed any more: nobody reads them from now on, and what is at the service for them is removed, here
 * and now where that works, else by the sweep.
 * @param note is told in the transaction that closes them, where they were open
 * @returns whether there is such a run
 */
export async function closeRows(
  tools: ApiTools,
  actor: Actor,
  runId: string,
  note?: (tx: TenantTx, title: string) => Promise<void>,
): Promise<boolean> {
  const run = await tools.inTenant(actor, async (tx) => {
    const found = await readExecution(tx, runId);
    if (!found?.endedAt || found.closedAt) return found;
    await dueAssets(tx, runId, 'now');
    await moveQueryRun(tx, runId, { phase: 'closed' });
    await note?.(tx, found.title);
    return found;
  });
  if (!run) return false;
  const { ref } = run;
  if (!ref || !run.endedAt || run.closedAt) return true;
  void (async () => {
    const engine = await tools.engines.open({
      workspaceId: actor.workspaceId,
      connectionId: run.connectionId,
      unit: run.unit,
    });
    const result = await engine.cleanup(ref);
    await tools.inTenant(actor, (tx) => noteCleanup(tx, runId, result, true));
  })().catch((error: unknown) => tools.log.info({ err: error, runId }, 'a closed query is cleaned up later'));
  return true;
}

/** A service's failure as the answer to a request. */
export function refusalOf(error: unknown, connectionName: string, otherwise: ErrorCode): unknown {
  if (!(error instanceof QueryFailure)) return error;
  const { kind, code, message, hint, retryAfterMs, position } = error.facts;
  const details = { kind, code, hint, ...(position && { position }) };
  const refused = (as: ErrorCode, facts: Record<string, unknown> = {}): Problem => problem(as, facts, details);
  if (code === 'rows_expired') return refused('rows.expired');
  if (code === 'connection_gone') return refused('query.connection_unknown');
  if (code === 'connection_disconnecting') return refused('connection.disconnecting', { name: connectionName });
  if (kind === 'auth' && /sign|grant|token/.test(code))
    return refused('connection.needs_sign_in', { name: connectionName });
  return refused(otherwise, {
    why: message,
    ...(retryAfterMs !== null && { retryAfter: Math.ceil(retryAfterMs / 1_000) }),
  });
}
