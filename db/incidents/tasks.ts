import { type Selectable, sql } from 'kysely';
import type { IncidentTask } from '#contracts/incidents/incidents.ts';
import type { TenantTx } from '../kit/database.ts';
import type { IncidentTasksTable } from './tables.ts';

const showTask = ({ id, title, assigneeId, createdAt, doneAt }: Selectable<IncidentTasksTable>): IncidentTask => ({
  id,
  title,
  assigneeId,
  isDone: doneAt !== null,
  createdAt: createdAt.toISOString(),
  doneAt: doneAt?.toISOString() ?? null,
});

export const listTasks = async (tx: TenantTx, incidentId: string): Promise<IncidentTask[]> =>
  (await tx.selectFrom('incidentTasks').selectAll().where('incidentId', '=', incidentId).orderBy('id').execute()).map(
    showTask,
  );

/** Adds a task; by an id that is there already it gives that one. */
export async function addTask(
  tx: TenantTx,
  incidentId: string,
  { id, title, assigneeId }: { id: string; title: string; assigneeId: string | null },
): Promise<{ task: IncidentTask; isNew: boolean }> {
  const row = await tx
    .insertInto('incidentTasks')
    .values({ incidentId, id, title, assigneeId })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row) return { task: showTask(row), isNew: true };
  const there = await tx
    .selectFrom('incidentTasks')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { task: showTask(there), isNew: false };
}

/** @returns the task as it is now; undefined where there is none */
export async function changeTask(
  tx: TenantTx,
  incidentId: string,
  id: string,
  {
    title,
    assigneeId,
    isDone,
  }: { title?: string | undefined; assigneeId?: string | null | undefined; isDone?: boolean | undefined },
): Promise<IncidentTask | undefined> {
  const row = await tx
    .updateTable('incidentTasks')
    .set({
      ...(title !== undefined && { title }),
      ...(assigneeId !== undefined && { assigneeId }),
      // Ticked off twice, it stays done since the first time.
      doneAt: isDone === undefined ? sql<Date>`done_at` : isDone ? sql<Date>`coalesce(done_at, now())` : null,
    })
    .where('incidentId', '=', incidentId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && showTask(row);
}
