import type { Generated, Selectable } from 'kysely';
import type { SavedView } from '#contracts/kit/saved-views.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { JsonColumn } from '../runs/tables.ts';
import type { TenantTx } from './database.ts';
import { Refusal, violates } from './refusal.ts';
import { v7 as uuidv7 } from 'uuid';

/** Views of one list, as every such table keeps them. */
export interface SavedViewsTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  /** The query of the list's address. */
  query: string;
  isShared: boolean;
  owner: JsonColumn<ActorRef>;
  ownerId: string;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}

/** The lists that have saved views: each its table, and the word that its events and refusals begin with. */
export const viewLists = {
  runs: { table: 'runViews', word: 'run_view', nameIndex: 'run_views_name', nameTaken: 'run_view.name_taken' },
  incidents: {
    table: 'incidentViews',
    word: 'incident_view',
    nameIndex: 'incident_views_name',
    nameTaken: 'incident_view.name_taken',
  },
} as const;
export type ViewList = (typeof viewLists)[keyof typeof viewLists];

interface ViewFields {
  name: string;
  query: string;
  isShared: boolean;
}
type Owner = ActorRef & { id: string };

const columns = ['id', 'name', 'query', 'isShared', 'owner', 'ownerId', 'createdAt'] as const;
type Row = Pick<Selectable<SavedViewsTable>, (typeof columns)[number]>;
const shown = (row: Row, reader: string): SavedView => ({
  id: row.id,
  name: row.name,
  query: row.query,
  isShared: row.isShared,
  owner: row.owner,
  isMine: row.ownerId === reader,
  createdAt: row.createdAt.toISOString(),
});

/** The views that somebody sees: their own first, then what others share, each by name. */
export async function listSavedViews(tx: TenantTx, list: ViewList, reader: string): Promise<SavedView[]> {
  const rows = await tx
    .selectFrom(list.table)
    .select(columns)
    .where((eb) => eb.or([eb('ownerId', '=', reader), eb('isShared', '=', true)]))
    .orderBy('name')
    .limit(200)
    .execute();
  const views = rows.map((row) => shown(row, reader));
  return [...views.filter(({ isMine }) => isMine), ...views.filter(({ isMine }) => !isMine)];
}

/** Saves a view. @throws Refusal the list's `nameTaken` */
export async function insertSavedView(
  tx: TenantTx,
  list: ViewList,
  owner: Owner,
  view: ViewFields,
): Promise<SavedView> {
  const row = await tx
    .insertInto(list.table)
    .values({ ...view, id: uuidv7(), owner: JSON.stringify(owner), ownerId: owner.id })
    .returning(columns)
    .executeTakeFirstOrThrow()
    .catch(nameTaken(list, view.name));
  await tell(tx, list, 'saved', row, owner);
  return shown(row, owner.id);
}

/** Changes a view of one's own. @returns null where there is none. @throws Refusal the list's `nameTaken` */
export async function updateSavedView(
  tx: TenantTx,
  list: ViewList,
  owner: Owner,
  id: string,
  changes: Partial<ViewFields>,
): Promise<SavedView | null> {
  const row = await tx
    .updateTable(list.table)
    .set({ ...changes, updatedAt: new Date() })
    .where('id', '=', id)
    .where('ownerId', '=', owner.id)
    .returning(columns)
    .executeTakeFirst()
    .catch(nameTaken(list, changes.name ?? ''));
  if (!row) return null;
  await tell(tx, list, 'saved', row, owner);
  return shown(row, owner.id);
}

/** Deletes a view of one's own. @returns whether there was one */
export async function deleteSavedView(tx: TenantTx, list: ViewList, owner: Owner, id: string): Promise<boolean> {
  const row = await tx
    .deleteFrom(list.table)
    .where('id', '=', id)
    .where('ownerId', '=', owner.id)
    .returning(columns)
    .executeTakeFirst();
  if (row) await tell(tx, list, 'deleted', row, owner);
  return row !== undefined;
}

/** Only shared views are told of: an own one is nobody else's business. */
const tell = (
  tx: TenantTx,
  { word }: ViewList,
  what: 'saved' | 'deleted',
  { id, name, isShared }: Row,
  actor: ActorRef,
): Promise<void> =>
  appendEvent(tx, { type: `${word}.${what}`, subject: `${word}:${id}`, actor, data: isShared ? { name } : {} });

const nameTaken =
  (list: ViewList, name: string) =>
  (error: unknown): never => {
    throw violates(error, list.nameIndex) ? new Refusal(list.nameTaken, { name }) : error;
  };
