import { Context } from '@temporalio/activity';
import type { WholeResult } from '#connectors/export/open-source.ts';
import type { Engines } from '#contracts/connections/engines.ts';
import type { QueryEngine } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { type BoundRun, bindRun, placedFailure } from '#contracts/queries/prepare-run.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import { withoutValues } from '#contracts/queries/without-values.ts';
import { type EngineRows, engineRows } from '#db/connections/engine-rows.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { isSignedIn } from '#db/queries/connection-of.ts';
import { type QueryMove, dueAssets, moveQueryRun } from '#db/queries/move-query-run.ts';
import { type Execution, readExecution } from '#db/queries/read-execution.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { whileBeating } from '../kit/while-beating.ts';
import { factsOf, failureOf, signInFailure } from './query-failures.ts';

/** What activities that speak with engines are given. */
export type EngineTools = Pick<ActivityTools, 'inTenant'> & { readonly engines: Engines<EngineRows> };

/** A run with all that its engine is asked by. */
export interface EngineParts {
  input: RunQueryInput;
  run: Execution;
  bound: BoundRun;
  engine: QueryEngine;
  signal: AbortSignal;
  /** Its rows are being read: what is at the service for them stays a while longer. */
  touch: () => Promise<unknown>;
}

/**
 * A failure as it may stand in a record and a history. Before anything runs there is no row that it could quote; a database
 * runs parts of a text (EXPLAIN ANALYZE) already when it is asked about it.
 */
export const kept = <T extends Pick<QueryFailureFacts, 'code' | 'message' | 'hint'>>(
  facts: T,
  run: Pick<Execution, 'engine' | 'sql' | 'columns'>,
  phase?: QueryMove['phase'],
): T =>
  run.engine !== 'postgres' && (phase === 'validating' || phase === 'starting') ? facts : withoutValues(facts, run);

/** All rows of a run that has succeeded, as `openSource` takes them. */
export function wholeResult({ run, bound, engine, touch }: EngineParts, signal: AbortSignal): WholeResult {
  if (!run.ref) throw new Error('The run was not started.');
  const { runId, ref, columns } = run;
  return { engine, runId, ref, columns: columns ?? [], text: () => bound.text, signal, touch };
}

/** What activities that speak with the engine of a run have in common. */
export function engineWork({ inTenant, engines }: EngineTools) {
  const tenant = <T>(input: RunQueryInput, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
    untilDatabase(() => inTenant(input.workspaceId, work), Context.current().cancellationSignal);
  const move = (input: RunQueryInput, change: QueryMove): Promise<void> =>
    tenant(input, (tx) => moveQueryRun(tx, input.runId, change));

  /** Reads the run, opens its engine, works with a heartbeat, and tells failures by their kind. */
  const withEngine = <T>(
    input: RunQueryInput,
    work: (parts: EngineParts) => Promise<T>,
    phase?: QueryMove['phase'],
    isEnding = false,
  ): Promise<T> =>
    whileBeating(async (signal) => {
      const { workspaceId, connectionId, unit } = input;
      const { run, rows } = await tenant(input, async (tx) => {
        const [found, ofEngine] = await Promise.all([readExecution(tx, input.runId), engineRows(tx, input)]);
        if (found && phase) await moveQueryRun(tx, input.runId, { phase });
        return { run: found, rows: ofEngine };
      });
      if (!run) throw new Error('The run has no query.');
      const bound = bindRun(run, run.parameters, run.options);
      try {
        const touch = () => tenant(input, (tx) => dueAssets(tx, run.runId, 'idle'));
        const engine = await engines.open({ workspaceId, connectionId, unit, ...(isEnding && { isEnding }) }, rows);
        return await work({ input, run, bound, engine, signal, touch });
      } catch (error) {
        const facts = factsOf(error);
        if (!facts || signal.aborted) throw error;
        const placed = placedFailure(kept(facts, run, phase), bound.map);
        if (facts.kind === 'auth' && !(await tenant(input, (tx) => isSignedIn(tx, input.connectionId))))
          throw signInFailure(placed);
        throw failureOf(placed, Context.current().info.attempt);
      }
    });
  return { tenant, move, withEngine };
}
