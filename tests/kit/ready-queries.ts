import { flattenSql } from '#contracts/queries/amc/flatten.ts';
import { bindParameters } from '#contracts/queries/amc/parameters.ts';
import { bindQuery, valuesOf } from '#contracts/queries/bind.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { type QueryParameter, resolveParameters } from '#contracts/queries/parameters.ts';
import type { startPlain } from '#simulators/amc/plain-client.ts';
import { unitCatalog } from '#simulators/sfmc/extensions.ts';
import { Scenario } from '#simulators/sfmc/scenario.ts';
import { makeWorld } from '#simulators/sfmc/seed.ts';
import { parseQuery } from '#simulators/sfmc/sql/parse.ts';
import { translateQuery } from '#simulators/sfmc/sql/translate.ts';

/** A query that comes with the product: a template, or a snippet in its place. */
export interface ReadyQuery {
  readonly name: string;
  readonly engine: EngineKind;
  readonly sql: string;
  readonly parameters: readonly QueryParameter[];
}

/** As a run that nobody gave a value to, of the last week. */
export function bound({ engine, sql, parameters }: ReadyQuery) {
  const window = { from: 'today - 7d', to: 'today' };
  const resolved = resolveParameters(parameters, {}, { now: Date.now(), timeZone: 'UTC', window });
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.faults));
  const query = bindQuery(engine, sql, parameters, valuesOf(resolved.parameters));
  if (!query.ok) throw new Error(JSON.stringify(query.faults));
  return query.bound;
}

/** How many rows each gives in a business unit of the simulated Marketing Cloud. */
export async function rowsInUnit(queries: readonly ReadyQuery[]): Promise<Record<string, number>> {
  const world = makeWorld(Scenario.parse({}), []);
  try {
    const found: Record<string, number> = {};
    for (const query of queries) {
      const catalog = unitCatalog(world, 7_000_001);
      const translated = translateQuery(parseQuery(bound(query).sql), catalog);
      await catalog.prepare();
      found[query.name] = (await world.store.ask<unknown[]>({ op: 'all', sql: translated.sql, values: [] })).length;
    }
    return found;
  } finally {
    await world.stop();
  }
}

/** The lines that Amazon's simulated clean room gives, names of columns first. */
export async function linesOfCleanRoom(
  client: Awaited<ReturnType<typeof startPlain>>,
  ready: ReadyQuery,
): Promise<readonly (readonly string[])[]> {
  const query = bound(ready);
  const typed = bindParameters(query.sql, query.amcParameters, query.parameters);
  if (!typed.ok) throw new Error(JSON.stringify(typed.problems));
  const flat = flattenSql(query.sql);
  if (!flat.ok) throw new Error(flat.problem.code);
  const { inputParameters, parameterValues } = typed.bound;
  return client.rows(flat.flat.text, { parameterValues }, { inputParameters });
}
