import { type RawBuilder, type Selectable, sql, type UpdateObject } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { TimelineEntry } from '#contracts/incidents/incidents.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { Database } from '../kit/tables.ts';
import type { IncidentTimelineTable } from './tables.ts';

export interface NewTimelineEntry {
  kind: TimelineEntry['kind'];
  actor: ActorRef;
  /** A sentence for people. */
  text: string;
  details?: Record<string, Json>;
  /** When it happened; now. */
  at?: Date | number;
  /** What must stand in the story once, however often it is written. */
  dedupKey?: string;
}

/** Writes a line into an incident's story. @returns its id; null where `dedupKey` was there already */
export async function addTimeline(
  tx: TenantTx,
  incidentId: string,
  { kind, actor, text, details = {}, at = Date.now(), dedupKey }: NewTimelineEntry,
): Promise<string | null> {
  const added = await tx
    .insertInto('incidentTimeline')
    .values({
      incidentId,
      id: uuidv7(),
      at: new Date(at),
      kind,
      actor: JSON.stringify({ kind: actor.kind, id: actor.id, name: actor.name }),
      text,
      details: JSON.stringify(details),
      dedupKey: dedupKey ?? null,
    })
    .onConflict((conflict) =>
      conflict.columns(['workspaceId', 'incidentId', 'dedupKey']).where('dedupKey', 'is not', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  return added?.id ?? null;
}

/** Whether a line by this key stands in the story. */
export const hasTimeline = async (tx: TenantTx, incidentId: string, dedupKey: string): Promise<boolean> =>
  (await tx
    .selectFrom('incidentTimeline')
    .select('id')
    .where('incidentId', '=', incidentId)
    .where('dedupKey', '=', dedupKey)
    .executeTakeFirst()) !== undefined;

/** The newest move in the story: who made it, when, and from where to where. */
export const lastMove = (
  tx: TenantTx,
  incidentId: string,
): Promise<Pick<Selectable<IncidentTimelineTable>, 'at' | 'actor' | 'details'> | undefined> =>
  tx
    .selectFrom('incidentTimeline')
    .select(['at', 'actor', 'details'])
    .where('incidentId', '=', incidentId)
    .where('kind', 'in', ['moved', 'merged'])
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();

const showEntry = (row: Selectable<IncidentTimelineTable>): TimelineEntry => ({
  id: row.id,
  at: row.at.toISOString(),
  kind: row.kind,
  actor: row.actor,
  text: row.text,
  details: shownDetails(row.details),
  editedAt: row.editedAt?.toISOString() ?? null,
});

/** What a deleted note said is kept for whoever puts it back, and told to nobody. */
const shownDetails = ({ deletedText, ...details }: Record<string, Json>): Record<string, Json> =>
  deletedText === undefined ? details : { ...details, isDeleted: true };

const placeOf = (cursor: string): [at: Date, id: string] => {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (Number.isNaN(Date.parse(at)) || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Refusal('contract.broken', {}, { cursor: 'This is no cursor of this list.' });
  return [new Date(at), id];
};

/** A page of an incident's story, newest first. Times are kept to the millisecond, so that a cursor names them. */
export async function listTimeline(
  tx: TenantTx,
  incidentId: string,
  { limit, cursor, kind }: { limit: number; cursor?: string | undefined; kind?: string[] | undefined },
): Promise<{ data: TimelineEntry[]; pagination: { limit: number; nextCursor: string | null } }> {
  let query = tx.selectFrom('incidentTimeline').selectAll().where('incidentId', '=', incidentId);
  if (kind && kind.length > 0) query = query.where(sql<boolean>`kind = any(${kind}::text[])`);
  if (cursor !== undefined) {
    const [at, id] = placeOf(cursor);
    query = query.where(sql<boolean>`(at, id) < (${at}, ${id}::uuid)`);
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map(showEntry);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return {
    data,
    pagination: { limit, nextCursor: last ? Buffer.from(`${last.at} ${last.id}`).toString('base64url') : null },
  };
}

export async function findEntry(tx: TenantTx, incidentId: string, id: string): Promise<TimelineEntry | undefined> {
  const row = await tx
    .selectFrom('incidentTimeline')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && showEntry(row);
}

/** What stands in the story for a note that was deleted. */
const deletedNote = 'A note was deleted';

const isDeleted = sql<boolean>`details ? 'deletedText'`;
const isNotDeleted = sql<boolean>`not details ? 'deletedText'`;

/** Changes one line of a story where it is as `only` says; undefined where it is not. */
async function changeEntry(
  tx: TenantTx,
  { incidentId, id, only }: { incidentId: string; id: string; only: RawBuilder<boolean> },
  change: UpdateObject<Database, 'incidentTimeline'>,
): Promise<TimelineEntry | undefined> {
  const row = await tx
    .updateTable('incidentTimeline')
    .set(change)
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .where(only)
    .returningAll()
    .executeTakeFirst();
  return row && showEntry(row);
}

/** Takes a note out of the story; that there was one stays visible. @returns undefined where it is deleted already */
export const deleteEntry = (tx: TenantTx, incidentId: string, id: string): Promise<TimelineEntry | undefined> =>
  changeEntry(
    tx,
    { incidentId, id, only: isNotDeleted },
    { text: deletedNote, details: sql`details || jsonb_build_object('deletedText', text)` },
  );

/** Puts a deleted note back as it was. @returns undefined where none is deleted under this id */
export const restoreEntry = (tx: TenantTx, incidentId: string, id: string): Promise<TimelineEntry | undefined> =>
  changeEntry(
    tx,
    { incidentId, id, only: isDeleted },
    { text: sql`details->>'deletedText'`, details: sql`details - 'deletedText'` },
  );

/** Changes the words of a note; that they were changed stays visible. @returns undefined where it was deleted */
export const editEntry = (
  tx: TenantTx,
  incidentId: string,
  id: string,
  text: string,
): Promise<TimelineEntry | undefined> =>
  changeEntry(tx, { incidentId, id, only: isNotDeleted }, { text, editedAt: new Date() });
