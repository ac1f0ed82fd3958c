import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { hashOf } from '#contracts/playbooks/canonical.ts';
import type {
  ChangeSavedQuery,
  CreateSavedQuery,
  QueryBody,
  QueryVersion,
  SavedQuery,
  SavedQuerySummary,
} from '#contracts/queries/saved-queries.ts';
import { contains } from '../kit/like.ts';
import { appendEvent } from '../events/append-event.ts';
import { Refusal } from '../kit/refusal.ts';
import type { TenantTx } from '../kit/database.ts';

export interface QueryFilter {
  q?: string | undefined;
  folder?: string | undefined;
  tag?: string | undefined;
  engine?: QueryBody['engine'] | undefined;
  connection?: string | undefined;
  favourite?: boolean | undefined;
  mine?: boolean | undefined;
  sort: 'name' | '-name' | 'updatedAt' | '-updatedAt';
  cursor?: string | undefined;
  limit: number;
}

/** What one person may see: what is shared, and what is theirs. */
const visible = (tx: TenantTx, personId: string) =>
  tx
    .selectFrom('queries as q')
    .leftJoin('queryFavourites as f', (join) =>
      join.onRef('f.workspaceId', '=', 'q.workspaceId').onRef('f.queryId', '=', 'q.id').on('f.personId', '=', personId),
    )
    .where(({ eb, or }) => or([eb('q.sharing', '=', 'workspace'), eb('q.ownerId', '=', personId)]))
    .select([
      'q.id',
      'q.name',
      'q.description',
      'q.folder',
      'q.tags',
      'q.engine',
      'q.connectionId',
      'q.unit',
      'q.sharing',
      'q.owner',
      'q.reviewedBy',
      'q.reviewedAt',
      'q.reviewedVersion',
      'q.forkedFromId',
      'q.forkedFromVersion',
      'q.createdAt',
      'q.updatedAt',
      'q.version',
      'f.personId as favouriteOf',
      sql<string>`to_char(q.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('changed'),
    ]);
type Row = Awaited<ReturnType<ReturnType<typeof visible>['execute']>>[number];

const toSummary = (row: Row): SavedQuerySummary => ({
  id: row.id,
  name: row.name,
  description: row.description,
  folder: row.folder,
  tags: row.tags,
  engine: row.engine,
  connectionId: row.connectionId,
  unit: row.unit,
  sharing: row.sharing,
  owner: row.owner,
  isFavourite: row.favouriteOf !== null,
  reviewed:
    row.reviewedBy && row.reviewedAt && row.reviewedVersion === row.version
      ? { by: row.reviewedBy, at: row.reviewedAt.toISOString() }
      : null,
  forkedFrom:
    row.forkedFromId !== null && row.forkedFromVersion !== null
      ? { id: row.forkedFromId, version: row.forkedFromVersion }
      : null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  version: row.version,
});

const writeCursor = (value: string, id: string): string =>
  Buffer.from(JSON.stringify([value, id])).toString('base64url');
function readCursor(cursor: string | undefined): [string, string] | null {
  if (cursor === undefined) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(read) && typeof read[0] === 'string' && typeof read[1] === 'string') return [read[0], read[1]];
  } catch {
    // No cursor of ours: told below.
  }
  throw new Refusal('contract.broken');
}

/** Saved queries that a person may see, by pages. `folder` takes what lies below it too. */
export async function listSavedQueries(
  tx: TenantTx,
  filter: QueryFilter,
  personId: string,
): Promise<{ data: SavedQuerySummary[]; pagination: { limit: number; nextCursor: string | null } }> {
  const isByName = filter.sort.endsWith('name');
  const direction = filter.sort.startsWith('-') ? 'desc' : 'asc';
  let queries = visible(tx, personId);
  const { q, folder, tag } = filter;
  if (q?.trim())
    queries = queries.where(
      sql<boolean>`(q.name_key like ${contains(q.trim().toLowerCase())} or lower(q.description) like ${contains(q.trim().toLowerCase())})`,
    );
  if (folder !== undefined)
    queries = queries.where(({ eb, or }) =>
      or([eb('q.folder', '=', folder), sql<boolean>`starts_with(q.folder, ${`${folder}/`})`]),
    );
  if (tag !== undefined) queries = queries.where(sql<boolean>`${tag} = any(q.tags)`);
  if (filter.engine !== undefined) queries = queries.where('q.engine', '=', filter.engine);
  if (filter.connection !== undefined) queries = queries.where('q.connectionId', '=', filter.connection);
  if (filter.favourite) queries = queries.where('f.personId', 'is not', null);
  if (filter.mine) queries = queries.where('q.ownerId', '=', personId);
  const after = readCursor(filter.cursor);
  const behind = sql.raw(direction === 'asc' ? '>' : '<');
  if (after)
    queries = queries.where(
      isByName
        ? sql<boolean>`(q.name_key, q.id) ${behind} (${after[0]}, ${after[1]}::uuid)`
        : sql<boolean>`(q.updated_at, q.id) ${behind} (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    );
  const rows = await queries
    .orderBy(isByName ? 'q.nameKey' : 'q.updatedAt', direction)
    .orderBy('q.id', direction)
    .limit(filter.limit + 1)
    .execute();
  const page = rows.slice(0, filter.limit);
  const last = rows.length > filter.limit ? page.at(-1) : undefined;
  return {
    data: page.map(toSummary),
    pagination: {
      limit: filter.limit,
      nextCursor: last ? writeCursor(isByName ? last.name.toLowerCase() : last.changed, last.id) : null,
    },
  };
}

/** Folders with how many queries lie in each that this person may see. */
export async function listQueryFolders(tx: TenantTx, personId: string): Promise<{ folder: string; queries: number }[]> {
  return tx
    .selectFrom('queries')
    .where(({ eb, or }) => or([eb('sharing', '=', 'workspace'), eb('ownerId', '=', personId)]))
    .select(({ fn }) => ['folder', fn.countAll<number>().as('queries')])
    .groupBy('folder')
    .orderBy('folder')
    .execute();
}

/** One query with its newest text, or that of a version. @returns null where this person sees none of this id */
export async function readSavedQuery(tx: TenantTx, id: string, personId: string): Promise<SavedQuery | null> {
  const row = await visible(tx, personId).where('q.id', '=', id).executeTakeFirst();
  if (!row) return null;
  const { body } = await tx
    .selectFrom('queryVersions')
    .select('body')
    .where('queryId', '=', id)
    .where('version', '=', row.version)
    .executeTakeFirstOrThrow();
  return { ...toSummary(row), body };
}

const headOf = ({ engine, connectionId, unit }: QueryBody) => ({
  engine,
  connectionId: connectionId ?? null,
  unit: unit ?? null,
});

/** Saves a new query with its first version. A query of the same id stays as it is. */
export async function createSavedQuery(
  tx: TenantTx,
  id: string,
  { body, note, forkedFrom, ...head }: CreateSavedQuery,
  actor: ActorRef & { id: string },
): Promise<void> {
  const made = await tx
    .insertInto('queries')
    .values({
      id,
      ...head,
      ...headOf(body),
      owner: JSON.stringify(actor),
      ownerId: actor.id,
      version: 1,
      forkedFromId: forkedFrom?.id ?? null,
      forkedFromVersion: forkedFrom?.version ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n) return;
  await insertVersion(tx, id, { version: 1, body, note, actor, restoredFrom: null });
  await tell(tx, 'query.saved', id, actor, {
    name: head.name,
    version: 1,
    ...onlyFor({ sharing: head.sharing, ownerId: actor.id }),
  });
}

/**
 * Changes a query. A text that differs makes a new version; nothing that was saved is ever changed.
 * @param basedOn the version the change was made from, where the caller says so
 * @returns false where this person sees none of this id
 * @throws Refusal `request.stale`, `request.not_found`
 */
export async function changeSavedQuery(
  tx: TenantTx,
  id: string,
  { body, note, ...head }: ChangeSavedQuery,
  actor: ActorRef & { id: string },
  { basedOn, restoredFrom = null }: { basedOn?: number | undefined; restoredFrom?: number | null } = {},
): Promise<boolean> {
  const now = await tx
    .selectFrom('queries')
    .select(['version', 'ownerId', 'sharing', 'name'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!now || (now.sharing === 'private' && now.ownerId !== actor.id)) return false;
  if (basedOn !== undefined && basedOn !== now.version) throw new Refusal('request.stale');
  // Only its owner takes a shared query away from the others.
  if (head.sharing === 'private' && now.ownerId !== actor.id)
    throw new Refusal('identity.permission_missing', { permission: 'queries:manage' });
  const stands = body && (await readVersion(tx, id, now.version));
  const isNew = body !== undefined && (!stands || hashOf(stands.body as never) !== hashOf(body as never));
  const version = isNew ? now.version + 1 : now.version;
  const given = Object.fromEntries(Object.entries(head).filter(([, value]) => value !== undefined)) as typeof head;
  await tx
    .updateTable('queries')
    .set({ ...given, ...(isNew && body && { ...headOf(body), version }), updatedAt: sql<Date>`now()` } as never)
    .where('id', '=', id)
    .execute();
  if (isNew && body) await insertVersion(tx, id, { version, body, note: note ?? '', actor, restoredFrom });
  const sharing = head.sharing ?? now.sharing;
  // Others are told that it is not theirs to see any more, and nothing else of it.
  const isTakenAway = sharing === 'private' && now.sharing !== 'private';
  const about = { name: head.name ?? now.name, version, ...onlyFor({ sharing, ownerId: now.ownerId }) };
  await tell(tx, 'query.saved', id, actor, isTakenAway ? {} : about);
  return true;
}

/** @returns the name of what went; null where this person sees none of this id */
export async function deleteSavedQuery(
  tx: TenantTx,
  id: string,
  actor: ActorRef & { id: string },
): Promise<string | null> {
  const gone = await tx
    .deleteFrom('queries')
    .where('id', '=', id)
    .where(({ eb, or }) => or([eb('sharing', '=', 'workspace'), eb('ownerId', '=', actor.id)]))
    .returning(['name', 'connectionId', 'unit', 'folder', 'sharing', 'ownerId'])
    .executeTakeFirst();
  if (!gone) return null;
  const { name, connectionId, unit, folder } = gone;
  // By its place it is known who could see it.
  await tell(tx, 'query.deleted', id, actor, { name, connectionId, unit, folder, ...onlyFor(gone) });
  return name;
}

/** One version. @returns null where there is none */
export async function readVersion(
  tx: TenantTx,
  id: string,
  version: number,
): Promise<{ body: QueryBody; savedById: string } | null> {
  const found = await tx
    .selectFrom('queryVersions')
    .select(['body', 'savedById'])
    .where('queryId', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return found ?? null;
}

/** Versions, newest first; the cursor is a version. */
export async function listQueryVersions(
  tx: TenantTx,
  id: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ data: QueryVersion[]; pagination: { limit: number; nextCursor: string | null } }> {
  const before = Number.parseInt(cursor ?? '', 10);
  let versions = tx.selectFrom('queryVersions').selectAll().where('queryId', '=', id);
  if (before > 0) versions = versions.where('version', '<', before);
  const rows = await versions
    .orderBy('version', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return {
    data: page.map(({ version, note, body, savedBy, savedAt, restoredFrom }) => ({
      version,
      note,
      body,
      savedBy,
      savedAt: savedAt.toISOString(),
      restoredFrom,
    })),
    pagination: { limit, nextCursor: rows.length > limit ? String(page.at(-1)?.version) : null },
  };
}

/**
 * Marks a query: as one's own favourite, as reviewed for all. Who wrote a version cannot review it.
 * @throws Refusal `query.own_review`
 */
export async function markSavedQuery(
  tx: TenantTx,
  query: Pick<SavedQuery, 'id' | 'version' | 'sharing' | 'owner'>,
  { favourite, reviewed }: { favourite?: boolean | undefined; reviewed?: boolean | undefined },
  actor: ActorRef & { id: string },
): Promise<void> {
  if (favourite === true)
    await tx
      .insertInto('queryFavourites')
      .values({ queryId: query.id, personId: actor.id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  if (favourite === false)
    await tx.deleteFrom('queryFavourites').where('queryId', '=', query.id).where('personId', '=', actor.id).execute();
  if (reviewed === undefined) return;
  const version = await readVersion(tx, query.id, query.version);
  if (reviewed && version?.savedById === actor.id) throw new Refusal('query.own_review');
  await tx
    .updateTable('queries')
    .set({
      reviewedBy: reviewed ? JSON.stringify(actor) : null,
      reviewedAt: reviewed ? new Date() : null,
      reviewedVersion: reviewed ? query.version : null,
    })
    .where('id', '=', query.id)
    .execute();
  const { version: of, sharing, owner } = query;
  await tell(tx, 'query.reviewed', query.id, actor, {
    version: of,
    reviewed,
    ...onlyFor({ sharing, ownerId: owner.id }),
  });
}

async function insertVersion(
  tx: TenantTx,
  queryId: string,
  {
    version,
    body,
    note,
    actor,
    restoredFrom,
  }: {
    version: number;
    body: QueryBody;
    note: string;
    actor: ActorRef & { id: string };
    restoredFrom: number | null;
  },
): Promise<void> {
  await tx
    .insertInto('queryVersions')
    .values({
      queryId,
      version,
      body: JSON.stringify(body),
      note,
      savedBy: JSON.stringify(actor),
      savedById: actor.id,
      restoredFrom,
    })
    .execute();
}

const tell = (tx: TenantTx, type: string, id: string, actor: ActorRef, data: Record<string, unknown>): Promise<void> =>
  appendEvent(tx, { type, subject: `query:${id}`, actor, data });

/** Of a private query streams tell its owner alone. */
const onlyFor = ({ sharing, ownerId }: { sharing: string; ownerId: string | null }): { onlyFor?: string | null } =>
  sharing === 'private' ? { onlyFor: ownerId } : {};
