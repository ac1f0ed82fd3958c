import { z } from 'zod';
import { type EngineKind, QueryColumn, type QueryEngine, type SchemaObject } from '#contracts/queries/engine.ts';
import { analyse } from '#contracts/queries/sql/analyse.ts';

/** Engines that make a table for the result must know its columns before. */
const tableMakers: ReadonlySet<EngineKind> = new Set(['sfmc']);
export const needsColumns = (kind: EngineKind): boolean => tableMakers.has(kind);

/** Columns that the caller names, where they cannot be told from the text: `options.columns`. */
const GivenColumns = z.array(QueryColumn).min(1).max(1_000);

/** Pages of names that are asked for, where a table is not among those that are kept. */
const mostPages = 40;
/** Columns are asked for so often: those of one answer may lead to more. */
const mostRounds = 4;

export type ResultColumns =
  | { readonly columns: readonly QueryColumn[]; readonly why: null }
  | { readonly columns: null; readonly why: string };

interface ColumnsOf {
  /** With its parameters bound. */
  readonly sql: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly engine: QueryEngine;
  /** What is kept of tables by these names, small letters. */
  readonly kept: (names: readonly string[]) => Promise<readonly SchemaObject[]>;
}

/**
 * The columns of a query's result before it runs: those that the caller names, else those that text and schema tell. What
 * is not kept of the schema is asked of the service.
 * @returns the columns, or why they cannot be told, as a sentence
 * @throws QueryFailure of the service
 */
export async function resultColumns({ sql, options, engine, kept }: ColumnsOf): Promise<ResultColumns> {
  if (options['columns'] !== undefined) {
    const given = GivenColumns.safeParse(options['columns']);
    return given.success
      ? { columns: given.data, why: null }
      : { columns: null, why: 'options.columns must list the columns of the result.' };
  }
  const look = (schema: readonly SchemaObject[]) => analyse(engine.kind, sql, schema);
  const names = namesOf(look([]).tables.map(({ name }) => name));
  const schema = new Map((await kept(names)).map((one) => [one.id, one]));
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
  if (seen.columns) return { columns: seen.columns, why: null };
  const fault = seen.diagnostics.find(({ severity }) => severity === 'error');
  return { columns: null, why: fault?.message ?? seen.columnsUnknownBecause ?? 'Its columns cannot be told.' };
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
