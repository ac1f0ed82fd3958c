import { z } from 'zod';
import type { DescribePage, DescribeRequest, SchemaColumn, SchemaObject } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { pageCursor } from '../engines/page-cursor.ts';
import { typeOf } from './columns.ts';
import type { Session } from './session.ts';

/** Objects of one page, and columns that are listed with them. */
const pageSize = 500;
const mostColumns = 20_000;

const cursors = pageCursor(z.object({ after: z.tuple([z.string(), z.string()]) }), {
  message: 'This is no cursor of this list.',
  hint: 'Read the schema from its beginning.',
});
const Columns = z.array(
  z.object({
    name: z.string(),
    oid: z.number(),
    modifier: z.number(),
    type: z.string(),
    typtype: z.string(),
    category: z.string(),
    required: z.boolean(),
    key: z.boolean(),
    comment: z.string().nullable(),
    default: z.boolean(),
    generated: z.boolean(),
    references: z.string().nullable(),
  }),
);

/** What of the catalogs is no user's business: the server's own, and other sessions' temporary tables. */
const schemaFilter = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
  and pg_catalog.has_schema_privilege(n.oid, 'usage')`;

const schemasSql = `select n.nspname, pg_catalog.obj_description(n.oid, 'pg_namespace')
  from pg_catalog.pg_namespace n where ${schemaFilter} order by n.nspname`;

const readable = `pg_catalog.has_any_column_privilege(c.oid, 'select')`;
const objectFields = `n.nspname, c.relname, c.relkind, pg_catalog.obj_description(c.oid, 'pg_class'), c.reltuples::bigint::text,
  case when pg_catalog.pg_table_is_visible(c.oid) then pg_catalog.quote_ident(c.relname)
    else pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) end,
  c.oid::text, c.relnatts::text, c.relispartition::text`;
const objectsSql = `select ${objectFields}
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${schemaFilter} and ${readable}
    and (n.nspname, c.relname) > ($1::name, $2::name)
  order by n.nspname, c.relname limit ${pageSize + 1}`;
const objectSql = `select ${objectFields}
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${schemaFilter} and ${readable} and n.nspname = $1 and c.relname = $2`;

/** The columns of many objects, an array of JSON each. A view's columns are in no key, and that is no fault. */
const columnsSql = `select a.attrelid::text, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', a.attname, 'oid', b.oid::int8, 'modifier', a.atttypmod, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
    'typtype', t.typtype, 'category', t.typcategory, 'required', a.attnotnull,
    'key', coalesce(k.is_key, false), 'comment', pg_catalog.col_description(a.attrelid, a.attnum),
    'default', a.atthasdef and a.attgenerated = '', 'generated', a.attgenerated <> '' or a.attidentity <> '',
    'references', f.target) order by a.attnum)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
  left join lateral (select true as is_key from pg_catalog.pg_index i
    where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey) limit 1) k on true
  left join lateral (select pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(fc.relname) || '.' ||
      pg_catalog.quote_ident(fa.attname) as target
    from pg_catalog.pg_constraint o
    join pg_catalog.pg_class fc on fc.oid = o.confrelid
    join pg_catalog.pg_namespace fn on fn.oid = fc.relnamespace
    join pg_catalog.pg_attribute fa
      on fa.attrelid = o.confrelid and fa.attnum = o.confkey[pg_catalog.array_position(o.conkey, a.attnum)]
    where o.conrelid = a.attrelid and o.contype = 'f' and a.attnum = any (o.conkey)
    order by pg_catalog.cardinality(o.conkey), o.oid limit 1) f on true
  where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
    and pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')
  group by a.attrelid`;

const kinds: Readonly<Record<string, SchemaObject['kind']>> = {
  r: 'table',
  p: 'table',
  f: 'table',
  v: 'view',
  m: 'view',
};
const wordOf: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
  m: 'materialised view',
};

const schemaId = (schema: string): string => JSON.stringify([schema]);
const objectId = (schema: string, name: string): string => JSON.stringify([schema, name]);

/**
 * Schemas, tables and views that the connection's user may read, with comments, keys and the planner's row counts. Objects
 * of a page have their columns with them, up to 20,000; beyond that ask for them one by one. The first page lists schemas.
 */
export async function describe(
  session: Session,
  request: DescribeRequest,
  signal?: AbortSignal,
): Promise<DescribePage> {
  if (request.what === 'units') return { objects: [], cursor: null, cut: null };
  if (request.what === 'columns') {
    const [schema, name] = readObjectId(request.of ?? '');
    const { rows } = await session.query(objectSql, [schema, name], { signal });
    if (rows.length === 0)
      throw new QueryFailure({
        kind: 'provider',
        code: 'not_found',
        message: `There is no table ${name} in ${schema}, or it may not be read.`,
        hint: 'Read the schema again.',
      });
    return { objects: await withColumns(session, rows, Number.POSITIVE_INFINITY, signal), cursor: null, cut: null };
  }
  const after = request.cursor === null ? ['', ''] : cursors.read(request.cursor).after;
  const schemas = request.cursor === null ? (await session.query(schemasSql, [], { signal })).rows : [];
  const { rows } = await session.query(objectsSql, [...after], { signal });
  const page = rows.slice(0, pageSize);
  const [lastSchema, lastName] = page.at(-1) ?? [];
  const more = rows.length > pageSize && typeof lastSchema === 'string' && typeof lastName === 'string';
  return {
    objects: [
      ...schemas.map(([name, comment]): SchemaObject => ({
        id: schemaId(name ?? ''),
        kind: 'schema',
        name: name ?? '',
        sqlName: null,
        parentId: null,
        description: comment ?? null,
        columns: null,
        details: {},
      })),
      ...(await withColumns(session, page, mostColumns, signal)),
    ],
    cursor: more ? cursors.write({ after: [lastSchema, lastName] }) : null,
    cut: null,
  };
}

async function withColumns(
  session: Session,
  rows: readonly (readonly (string | null)[])[],
  most: number,
  signal?: AbortSignal,
): Promise<SchemaObject[]> {
  let budget = most;
  const listed = rows.flatMap((row) => {
    budget -= Number(row[7]);
    return budget >= 0 && typeof row[6] === 'string' ? [row[6]] : [];
  });
  const found = listed.length === 0 ? [] : (await session.query(columnsSql, [listed], { signal })).rows;
  const columns = new Map(found.map(([oid, json]) => [oid, Columns.parse(JSON.parse(json ?? '[]')).map(columnOf)]));
  return rows.map(([schema, name, relkind, comment, tuples, sqlName, oid, , isPartition]) => ({
    id: objectId(schema ?? '', name ?? ''),
    kind: kinds[relkind ?? ''] ?? 'table',
    name: name ?? '',
    sqlName: sqlName ?? null,
    parentId: schemaId(schema ?? ''),
    description: comment ?? null,
    // A table may have no columns; one that was not asked for is null.
    columns: listed.includes(oid ?? '') ? (columns.get(oid ?? '') ?? []) : null,
    details: {
      schema: schema ?? '',
      type: wordOf[relkind ?? ''] ?? '',
      // −1: never analysed; a view has none.
      estimatedRows: relkind === 'v' || Number(tuples) < 0 ? null : Number(tuples),
      ...(isPartition === 'true' && { isPartition: true }),
    },
  }));
}

function columnOf(column: z.infer<typeof Columns>[number]): SchemaColumn {
  const { name, oid, modifier, type, typtype, category, comment } = column;
  return {
    name,
    ...typeOf({ oid, modifier, name: type, typtype, category }),
    isKey: column.key,
    isRequired: column.required,
    ...(comment !== null && { description: comment }),
    details: {
      ...(column.references !== null && { references: column.references }),
      ...(column.default && { hasDefault: true }),
      ...(column.generated && { isGenerated: true }),
    },
  };
}

function readObjectId(id: string): readonly [string, string] {
  const parsed = parseJson(id, z.tuple([z.string(), z.string()]));
  if (parsed) return parsed;
  throw new QueryFailure({
    kind: 'syntax',
    code: 'object_id_invalid',
    message: 'This is no id of a table.',
    hint: 'Read the schema again.',
  });
}
function parseJson<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON at all
  }
}
