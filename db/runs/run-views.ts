import type { Selectable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { RunView } from '#contracts/runs/run-views.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { RunViewsTable } from './tables.ts';

interface ViewFields {
  name: string;
  query: string;
  isShared: boolean;
}
type Owner = ActorRef & { id: string };

const columns = ['id', 'name', 'query', 'isShared', 'owner', 'ownerId', 'createdAt'] as const;
type Row = Pick<Selectable<RunViewsTable>, (typeof columns)[number]>;
const shown = (row: Row, reader: string): RunView => ({
  id: row.id,
  name: row.name,
  query: row.query,
  isShared: row.isShared,
  owner: row.owner,
  isMine: row.ownerId === reader,
  createdAt: row.createdAt.toISOString(),
});

/** The views that somebody sees: their own first, then what others share, each by name. */
export async function listRunViews(tx: TenantTx, reader: string): Promise<RunView[]> {
  const rows = await tx
    .selectFrom('runViews')
    .select(columns)
    .where((eb) => eb.or([eb('ownerId', '=', reader), eb('isShared', '=', true)]))
    .orderBy('name')
    .limit(200)
    .execute();
  const views = rows.map((row) => shown(row, reader));
  return [...views.filter(({ isMine }) => isMine), ...views.filter(({ isMine }) => !isMine)];
}

/** Saves a view. @throws Refusal `run_view.name_taken` */
export async function insertRunView(tx: TenantTx, owner: Owner, view: ViewFields): Promise<RunView> {
  const row = await tx
    .insertInto('runViews')
    .values({ ...view, id: uuidv7(), owner: JSON.stringify(owner), ownerId: owner.id })
    .returning(columns)
    .executeTakeFirstOrThrow()
    .catch(nameTaken(view.name));
  await tell(tx, 'run_view.saved', row, owner);
  return shown(row, owner.id);
}

/** Changes a view of one's own. @returns null where there is none. @throws Refusal `run_view.name_taken` */
export async function updateRunView(
  tx: TenantTx,
  owner: Owner,
  id: string,
  changes: Partial<ViewFields>,
): Promise<RunView | null> {
  const row = await tx
    .updateTable('runViews')
    .set({ ...changes, updatedAt: new Date() })
    .where('id', '=', id)
    .where('ownerId', '=', owner.id)
    .returning(columns)
    .executeTakeFirst()
    .catch(nameTaken(changes.name ?? ''));
  if (!row) return null;
  await tell(tx, 'run_view.saved', row, owner);
  return shown(row, owner.id);
}

/** Deletes a view of one's own. @returns whether there was one */
export async function deleteRunView(tx: TenantTx, owner: Owner, id: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('runViews')
    .where('id', '=', id)
    .where('ownerId', '=', owner.id)
    .returning(columns)
    .executeTakeFirst();
  if (row) await tell(tx, 'run_view.deleted', row, owner);
  return row !== undefined;
}

/** Only shared views are told of: an own one is nobody else's business. */
const tell = (tx: TenantTx, type: string, { id, name, isShared }: Row, actor: ActorRef): Promise<void> =>
  appendEvent(tx, { type, subject: `run_view:${id}`, actor, data: isShared ? { name } : {} });

const nameTaken =
  (name: string) =>
  (error: unknown): never => {
    throw violates(error, 'run_views_name') ? new Refusal('run_view.name_taken', { name }) : error;
  };
