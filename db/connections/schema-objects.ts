import { sql } from 'kysely';
import type { KnownColumn, KnownObject, SchemaState } from '#contracts/connections/connections.ts';
import type { SchemaColumn, SchemaObject } from '#contracts/queries/engine.ts';
import { tagsOf } from '#contracts/queries/object-tags.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import { contains } from '../kit/like.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { afterCursor, cursorOf } from '../servers/name-page.ts';
import { columnChanges, forgetChanges, noteChanges } from './schema-changes.ts';

/** Of which unit; `''` where the connection has none. */
export interface SchemaOf {
  readonly connectionId: string;
  readonly unit: string;
}

/** A reading nobody has heard of for so long was lost with its process. */
const readingLostMs = 20 * 60_000;

export async function schemaState(tx: TenantTx, { connectionId, unit }: SchemaOf): Promise<SchemaState> {
  const row = await tx
    .selectFrom('schemaReads')
    .select(['readAt', 'readingSince', 'objects', 'cut', 'failure'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .executeTakeFirst();
  return {
    unit: unit === '' ? null : unit,
    readAt: row?.readAt?.toISOString() ?? null,
    isReading: row?.readingSince != null && row.readingSince.getTime() > Date.now() - readingLostMs,
    objects: row?.objects ?? 0,
    cut: row?.cut ?? null,
    failure: row?.failure ?? null,
  };
}

/** Notes that a reading was asked for. @returns false where one is under way */
export async function askReading(tx: TenantTx, { connectionId, unit }: SchemaOf): Promise<boolean> {
  const { rows } = await sql`
    insert into schema_reads (connection_id, unit, reading_since) values (${connectionId}, ${unit}, now())
    on conflict (workspace_id, connection_id, unit) do update set reading_since = now()
      where schema_reads.reading_since is null or schema_reads.reading_since < now() - ${readingLostMs} * interval '1 millisecond'
    returning 1`.execute(tx);
  return rows.length > 0;
}

/** Begins a reading, or takes up one that a lost process began. @returns its number: what it sees carries it */
export async function beginReading(tx: TenantTx, { connectionId, unit }: SchemaOf): Promise<number> {
  const { rows } = await sql<{ readNo: number }>`
    insert into schema_reads (connection_id, unit, reading_since, read_no) values (${connectionId}, ${unit}, now(), 1)
    on conflict (workspace_id, connection_id, unit) do update set reading_since = now(), read_no = schema_reads.read_no + 1
    returning read_no as "readNo"`.execute(tx);
  return rows[0]?.readNo ?? 1;
}

interface Seen {
  id: string;
  name: string;
  isNew: boolean;
  before: KnownColumn[] | null;
  after: KnownColumn[] | null;
  hasOtherTags: boolean;
  details: SchemaObject['details'];
}

/** What a handful of objects changed. */
export interface SchemaChanges {
  added: number;
  removed: number;
  changed: number;
  /** Some of the names, for the event. */
  names: string[];
}

const toColumn = (column: SchemaColumn): KnownColumn => ({
  name: column.name,
  type: column.type,
  nativeType: column.nativeType ?? null,
  length: column.length ?? null,
  precision: column.precision ?? null,
  scale: column.scale ?? null,
  isKey: column.isKey ?? false,
  isRequired: column.isRequired ?? false,
  description: column.description ?? null,
  details: { ...column.details },
});
const rowCountOf = ({ details }: SchemaObject): number | null =>
  typeof details['rowCount'] === 'number' ? Math.trunc(details['rowCount']) : null;

/** What a search finds an object by: its name first, so that what begins with the words comes first. */
const searchText = (
  name: string,
  description: string | null,
  columns: readonly { readonly name: string }[] | null | undefined,
): string => [name, description ?? '', ...(columns ?? []).map((column) => column.name)].join(' ').toLowerCase();

/** Keeps a page of objects as a reading sees them. Columns that come with them are kept, others stay as they were. */
export async function keepObjects(
  tx: TenantTx,
  { connectionId, unit }: SchemaOf,
  readNo: number,
  objects: readonly SchemaObject[],
): Promise<Omit<SchemaChanges, 'removed'>> {
  const unique = [...new Map(objects.map((object) => [object.id, object])).values()];
  if (unique.length === 0) return { added: 0, changed: 0, names: [] };
  const json = JSON.stringify(
    unique.map((object) => ({
      id: object.id,
      kind: object.kind,
      name: object.name,
      key: naturalKey(object.name),
      sql: object.sqlName,
      parent: object.parentId,
      description: object.description,
      count: rowCountOf(object),
      details: object.details,
      columns: object.columns?.map(toColumn) ?? null,
      search: searchText(object.name, object.description, object.columns),
    })),
  );
  const { rows } = await sql<Seen>`
    with given as (
      select * from jsonb_to_recordset(${json}::jsonb) as g(id text, kind text, name text, key text, sql text, parent text,
        description text, count bigint, details jsonb, columns jsonb, search text)
    ), before as (
      select o.object_id, o.name, o.parent_id, o.columns, o.details from schema_objects o join given g on g.id = o.object_id
      where o.connection_id = ${connectionId} and o.unit = ${unit}
    ), kept as (
      insert into schema_objects (connection_id, unit, object_id, kind, name, name_key, sql_name, parent_id, description,
        row_count, details, columns, columns_read_at, read_no, search)
      select ${connectionId}, ${unit}, id, kind, name, key, sql, parent, description, count, details,
        nullif(columns, 'null'), case when nullif(columns, 'null') is null then null else now() end, ${readNo}, search from given
      on conflict (workspace_id, connection_id, unit, object_id) do update set
        kind = excluded.kind, name = excluded.name, name_key = excluded.name_key, sql_name = excluded.sql_name,
        parent_id = excluded.parent_id, description = excluded.description, row_count = excluded.row_count,
        details = excluded.details, columns = coalesce(excluded.columns, schema_objects.columns),
        columns_read_at = coalesce(excluded.columns_read_at, schema_objects.columns_read_at), read_no = excluded.read_no,
        search = excluded.search || case when excluded.columns is null and schema_objects.columns is not null
          then ' ' || (select lower(string_agg(c ->> 'name', ' ')) from jsonb_array_elements(schema_objects.columns) c)
          else '' end
    )
    select g.id, g.name, b.object_id is null as "isNew", nullif(g.columns, 'null') as after, b.columns as before,
      b.details ->> 'tags' is distinct from g.details ->> 'tags' as "hasOtherTags", g.details
    from given g left join before b on b.object_id = g.id
    where b.object_id is null or b.name <> g.name or b.parent_id is distinct from g.parent
      or b.details ->> 'tags' is distinct from g.details ->> 'tags'
      or (nullif(g.columns, 'null') is not null and b.columns is not null and b.columns <> g.columns)`.execute(tx);
  const added = rows.filter(({ isNew }) => isNew).length;
  // The first reading finds everything new: that is no change.
  if (readNo > 1)
    await noteChanges(
      tx,
      { connectionId, unit },
      readNo,
      rows.map(({ id, name, isNew, before, after, hasOtherTags, details }) => ({
        objectId: id,
        name,
        what: isNew ? ('added' as const) : ('changed' as const),
        columns: !isNew && before && after ? columnChanges(before, after) : null,
        tags: !isNew && hasOtherTags ? tagsOf({ details }) : null,
      })),
    );
  return { added, changed: rows.length - added, names: rows.slice(0, 10).map(({ name }) => name) };
}

/** Ends a reading: what it did not see is gone. Tells `schema.changed`. */
export async function endReading(
  tx: TenantTx,
  of: SchemaOf,
  {
    readNo,
    cut,
    changes,
    name,
  }: { readNo: number; cut: string | null; changes: Omit<SchemaChanges, 'removed'>; name: string },
): Promise<SchemaChanges> {
  const { connectionId, unit } = of;
  // A list that was cut says nothing of what it did not reach.
  const removed = await tx
    .deleteFrom('schemaObjects')
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .where('readNo', '<>', readNo)
    .$if(cut !== null, (query) => query.where(sql<boolean>`false`))
    .returning(['objectId', 'name'])
    .execute();
  await noteChanges(
    tx,
    of,
    readNo,
    removed.map((gone) => ({ ...gone, what: 'removed', columns: null, tags: null })),
  );
  await forgetChanges(tx, of);
  const all: SchemaChanges = {
    ...changes,
    removed: removed.length,
    names: [...changes.names, ...removed.map((gone) => gone.name)].slice(0, 10),
  };
  await sql`
    update schema_reads set read_at = now(), reading_since = null, cut = ${cut}, failure = null, changes = ${JSON.stringify(all)}::jsonb,
      objects = (select count(*)::int from schema_objects o where o.workspace_id = schema_reads.workspace_id
        and o.connection_id = schema_reads.connection_id and o.unit = schema_reads.unit)
    where connection_id = ${connectionId} and unit = ${unit}`.execute(tx);
  await tellSchema(tx, of, name, { ...all, failure: null });
  return all;
}

/** A reading that could not be finished: what was known before stays. */
export async function failReading(tx: TenantTx, of: SchemaOf, name: string, failure: QueryFailureFacts): Promise<void> {
  await tx
    .updateTable('schemaReads')
    .set({ readingSince: null, failure: JSON.stringify(failure) })
    .where('connectionId', '=', of.connectionId)
    .where('unit', '=', of.unit)
    .execute();
  await tellSchema(tx, of, name, { failure: failure.code });
}

const tellSchema = (tx: TenantTx, { connectionId, unit }: SchemaOf, name: string, data: object): Promise<void> =>
  appendEvent(tx, {
    type: 'schema.changed',
    subject: `connection:${connectionId}`,
    data: { connectionId, name, unit: unit === '' ? null : unit, ...data },
  });

const shown = [
  'objectId',
  'kind',
  'name',
  'nameKey',
  'sqlName',
  'parentId',
  'description',
  'rowCount',
  'details',
] as const;

/**
 * What can be queried, by name. A search finds names and descriptions that hold all its words; what begins with it comes
 * first, and is one page without a next one where it is sorted so.
 */
export async function listObjects(
  tx: TenantTx,
  { connectionId, unit }: SchemaOf,
  filter: { q?: string | undefined; parent?: string | undefined; limit: number; cursor?: string | undefined },
) {
  let found = tx
    .selectFrom('schemaObjects as o')
    .select(shown)
    .select(sql<boolean>`columns is not null`.as('hasColumns'))
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit);
  if (filter.parent !== undefined) found = found.where('parentId', '=', filter.parent);
  for (const word of (filter.q ?? '').toLowerCase().split(/\s+/).filter(Boolean))
    found = found.where('search', 'like', contains(word));
  if (filter.cursor) found = found.where(afterCursor('o', ['nameKey', 'objectId'], filter.cursor, false));
  const first = (filter.q ?? '').toLowerCase().trim();
  if (first !== '' && !filter.cursor) {
    // Few are asked for while somebody types: the best of all that match, in one page.
    found = found.orderBy(sql`case when starts_with(search, ${first}) then 0 else 1 end`);
  }
  const all = await found
    .orderBy('nameKey')
    .orderBy('objectId')
    .limit(filter.limit + 1)
    .execute();
  const page = all.slice(0, filter.limit);
  const last = page.at(-1);
  const goesOn = all.length > filter.limit && first === '' && last;
  return {
    data: page.map(({ objectId, nameKey: _nameKey, details, ...row }): KnownObject => ({
      ...row,
      id: objectId,
      details: { ...details },
    })),
    pagination: { limit: filter.limit, nextCursor: goesOn ? cursorOf([last.nameKey, last.objectId]) : null },
  };
}

/** Columns of objects as far as they are kept, by the object's id. */
export async function knownColumns(
  tx: TenantTx,
  { connectionId, unit }: SchemaOf,
  objectIds: readonly string[],
): Promise<Map<string, { columns: KnownColumn[] | null; readAt: Date | null }>> {
  const rows = await tx
    .selectFrom('schemaObjects')
    .select(['objectId', 'columns', 'columnsReadAt'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .where('objectId', 'in', [...objectIds])
    .execute();
  return new Map(rows.map(({ objectId, columns, columnsReadAt }) => [objectId, { columns, readAt: columnsReadAt }]));
}

/** Keeps the columns of one object as the service described them. */
export async function keepColumns(
  tx: TenantTx,
  { connectionId, unit }: SchemaOf,
  objectId: string,
  columns: readonly SchemaColumn[],
): Promise<KnownColumn[]> {
  const known = columns.map(toColumn);
  const before = await tx
    .selectFrom('schemaObjects')
    .select(['name', 'description', 'columns', 'readNo'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .where('objectId', '=', objectId)
    .executeTakeFirst();
  const changed = before?.columns && columnChanges(before.columns, known);
  if (before && changed)
    await noteChanges(tx, { connectionId, unit }, before.readNo, [
      { objectId, name: before.name, what: 'changed', columns: changed, tags: null },
    ]);
  await tx
    .updateTable('schemaObjects')
    .set({
      columns: JSON.stringify(known),
      columnsReadAt: sql<Date>`now()`,
      ...(before && { search: searchText(before.name, before.description, known) }),
    })
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .where('objectId', '=', objectId)
    .execute();
  return known;
}
