import { z } from 'zod';
import { QueryColumn, type QueryEngine, type SchemaObject } from '#contracts/queries/engine.ts';
import { bindRun } from '#contracts/queries/prepare-run.ts';
import { analyse } from '#contracts/queries/sql/analyse.ts';
import { knownTables } from '#db/queries/known-tables.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';
import { type PreparedQuery, runTextOf } from './prepare-query.ts';

/** Columns that the caller names, where they cannot be told from the text: `options.columns`. */
const GivenColumns = z.array(QueryColumn).min(1).max(1_000);

/** Pages of names that are asked for, where a table is not among those that are kept. */
const mostPages = 40;
/** Columns are asked for so often: those of one answer may lead to more. */
const mostRounds = 4;

/**
 * The columns of a query's result before it runs: those that the caller names, else those that text and schema tell. What
 * is not kept of the schema is asked of the service.
 * @throws Problem `query.refused` that says why they cannot be told; QueryFailure of the service
 */
export async function inferColumns(
  tools: ApiTools,
  actor: Actor,
  prepared: PreparedQuery,
  engine: QueryEngine,
): Promise<readonly QueryColumn[]> {
  const { options, connection, unit } = prepared;
  if (options['columns'] !== undefined) {
    const given = GivenColumns.safeParse(options['columns']);
    if (!given.success) throw problem('query.refused', { why: 'options.columns must list the columns of the result.' });
    return given.data;
  }
  const { text } = bindRun(runTextOf(prepared), prepared.parameters, prepared.options);
  const look = (schema: readonly SchemaObject[]) => analyse(connection.kind, text.sql, schema);
  const names = namesOf(look([]).tables.map(({ name }) => name));
  const of = { connectionId: connection.id, unit: unit?.id ?? null };
  const schema = new Map((await tools.inTenant(actor, (tx) => knownTables(tx, of, names))).map((one) => [one.id, one]));
  let seen = look([...schema.values()]);
  if (seen.tables.some(({ objectId }) => objectId === null)) {
    for (const object of await findTables(engine, new Set(names)))
      if (!schema.has(object.id)) schema.set(object.id, object);
    seen = look([...schema.values()]);
  }
  for (let round = 0; round < mostRounds && seen.columns === null && seen.columnsWanted.length > 0; round++) {
    await Promise.all(
      seen.columnsWanted.map(async (id) => {
        const { objects } = await engine.describe({ what: 'columns', of: id, cursor: null });
        const object = schema.get(id);
        if (object && objects[0]?.columns) schema.set(id, { ...object, columns: objects[0].columns });
      }),
    );
    seen = look([...schema.values()]);
  }
  if (seen.columns) return seen.columns;
  const fault = seen.diagnostics.find(({ severity }) => severity === 'error');
  throw problem('query.refused', {
    why: fault?.message ?? seen.columnsUnknownBecause ?? 'Its columns cannot be told.',
  });
}

/** A table's name as it may be kept: whole, and its last part without brackets or quotes. */
const namesOf = (tables: readonly string[]): string[] => [
  ...new Set(
    tables.flatMap((name) => {
      const last = /(?:\[([^\]]+)\]|"([^"]+)"|([^.[\]"]+))$/.exec(name);
      return [name, last?.[1] ?? last?.[2] ?? last?.[3] ?? name].map((text) => text.toLowerCase());
    }),
  ),
];

async function findTables(engine: QueryEngine, names: ReadonlySet<string>): Promise<SchemaObject[]> {
  const found: SchemaObject[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const answer = await engine.describe({ what: 'objects', cursor });
    found.push(
      ...answer.objects.filter(
        ({ name, sqlName }) => names.has(name.toLowerCase()) || (sqlName !== null && names.has(sqlName.toLowerCase())),
      ),
    );
    ({ cursor } = answer);
    if (cursor === null) break;
  }
  return found;
}
