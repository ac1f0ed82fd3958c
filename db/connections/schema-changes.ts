import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { KnownColumn } from '#contracts/connections/connections.ts';
import type { SchemaChange } from '#contracts/connections/schema-changes.ts';
import type { TenantTx } from '../kit/database.ts';
import type { SchemaOf } from './schema-objects.ts';

/** For so long a change can be looked up. */
const keptDays = 180;

const shapeOf = ({ type, nativeType, length, precision, scale, isKey, isRequired }: KnownColumn): string =>
  [
    nativeType ?? type,
    length !== null && `(${length})`,
    precision !== null && `(${precision}${scale === null ? '' : `,${scale}`})`,
    isKey && ' key',
    isRequired && ' required',
  ]
    .filter(Boolean)
    .join('');

/** How columns differ; null where they do not. Descriptions may change without a word: no query sees them. */
export function columnChanges(
  before: readonly KnownColumn[],
  after: readonly KnownColumn[],
): SchemaChange['columns'] | null {
  const old = new Map(before.map((column) => [column.name, column]));
  const now = new Map(after.map((column) => [column.name, column]));
  const added = after.filter(({ name }) => !old.has(name)).map(({ name }) => name);
  const removed = before.filter(({ name }) => !now.has(name)).map(({ name }) => name);
  const changed = after.flatMap((column) => {
    const was = old.get(column.name);
    if (!was || shapeOf(was) === shapeOf(column)) return [];
    return [{ name: column.name, before: shapeOf(was), after: shapeOf(column) }];
  });
  return added.length + removed.length + changed.length === 0 ? null : { added, removed, changed };
}

/** Puts what a reading found changed on record. */
export async function noteChanges(
  tx: TenantTx,
  { connectionId, unit }: SchemaOf,
  readNo: number,
  changes: readonly Pick<SchemaChange, 'objectId' | 'name' | 'what' | 'columns' | 'tags'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx
    .insertInto('schemaChanges')
    .values(
      changes.map(({ columns, tags, ...change }) => ({
        ...change,
        id: uuidv7(),
        connectionId,
        unit,
        readNo,
        columns: columns && JSON.stringify(columns),
        tags: tags && JSON.stringify(tags),
      })),
    )
    .execute();
}

/** Lets go of what is older than anybody looks up. */
export async function forgetChanges(tx: TenantTx, { connectionId, unit }: SchemaOf): Promise<void> {
  await tx
    .deleteFrom('schemaChanges')
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .where('at', '<', sql<Date>`now() - make_interval(days => ${keptDays})`)
    .execute();
}

/** Changes, newest first; the cursor is an id. */
export async function listSchemaChanges(
  tx: TenantTx,
  { connectionId, unit }: SchemaOf,
  { object, cursor, limit }: { object?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ data: SchemaChange[]; pagination: { limit: number; nextCursor: string | null } }> {
  let changes = tx
    .selectFrom('schemaChanges')
    .select(['id', 'at', 'readNo', 'objectId', 'name', 'what', 'columns', 'tags'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit);
  if (object !== undefined) changes = changes.where('objectId', '=', object);
  if (cursor !== undefined && /^[0-9a-f-]{36}$/i.test(cursor)) changes = changes.where('id', '<', cursor);
  const rows = await changes
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return {
    data: page.map(({ readNo, at, ...change }) => ({ ...change, at: at.toISOString(), version: readNo })),
    pagination: { limit, nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null },
  };
}
