import { resultColumns } from '#connectors/engines/result-columns.ts';
import type { TargetMode } from '#contracts/queries/delivery.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { bindRun } from '#contracts/queries/prepare-run.ts';
import { diffOfTarget, isFit } from '#contracts/queries/target-diff.ts';
import type { TargetCheck } from '#contracts/schedules/schedules.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { knownTables } from '#db/queries/known-tables.ts';
import { readSavedQueryToRun } from '#db/queries/start-saved-query.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

/**
 * Compares what a saved query gives with the table that its schedule would write it into. Nothing is run or made.
 * @throws Problem `schedule.after_unfit`, `query.refused`; Refusal as for the start of the query
 */
export async function checkTable(
  { inTenant, engines }: ApiTools,
  actor: Actor,
  { query, key, mode }: { query: Omit<QueryTarget, 'kind'>; key: string; mode: TargetMode },
): Promise<TargetCheck> {
  const target: QueryTarget = { ...query, kind: 'query' };
  const { body, connection, unit, prepared } = await inTenant(actor, (tx) =>
    readSavedQueryToRun(tx, target, { ownerId: actor.id, now: Date.now() }),
  );
  const of = { workspaceId: actor.workspaceId, connectionId: connection.id, unit: unit?.id ?? null };
  try {
    const engine = await engines.open(of);
    if (!engine.targets)
      throw problem('schedule.after_unfit', { why: 'only rows of Marketing Cloud go into a data extension' });
    const { text } = bindRun(
      { engine: connection.kind, sql: body.sql, parameterDefs: body.parameters },
      prepared.parameters,
      prepared.options,
    );
    const [{ name, fields, rowCount }, { columns, why }] = await Promise.all([
      engine.targets.describe(key),
      resultColumns({
        sql: text.sql,
        options: prepared.options,
        engine,
        kept: (names) => inTenant(actor, (tx) => knownTables(tx, of, names)),
      }),
    ]);
    const diff = columns ? diffOfTarget(columns, fields, mode) : [];
    return { name, key, rowCount, diff, isFit: isFit(diff), unknownBecause: why };
  } catch (error) {
    if (error instanceof QueryFailure) throw problem('query.refused', { why: error.message });
    throw error;
  }
}
