import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { QueueDrain } from '#contracts/settings/queues.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { admissionLock } from './admit-runs.ts';

interface DrainRow {
  queue: string;
  scope: QueueDrain['scope'];
  by: ActorRef;
  at: Date;
  reason: string | null;
}

/** What is drained for this workspace: by itself first, then for the whole installation. */
export async function listDrains(tx: TenantTx): Promise<(QueueDrain & { queue: string })[]> {
  const { rows } = await sql<DrainRow>`
    select queue, 'workspace' as scope, drained_by as by, drained_at as at, reason from queue_drains
    union all
    select queue, 'instance', drained_by, drained_at, reason from instance_drains
    order by scope desc`.execute(tx);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/**
 * Drains a queue for this workspace. It waits for the admission that is under way, so what is not admitted when it
 * commits stays in line.
 * @param name as people call it, where that is another than the queue's own
 * @returns whether it was not drained before; a second drain leaves who did it first and why
 */
export async function drainQueue(
  tx: TenantTx,
  queue: string,
  { actor, reason, name = queue }: { actor: ActorRef; reason: string | null; name?: string },
): Promise<boolean> {
  await sql`select ${admissionLock}`.execute(tx);
  const made = await tx
    .insertInto('queueDrains')
    .values({ queue, reason, drainedBy: JSON.stringify(actor) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('queue')
    .executeTakeFirst();
  if (!made) return false;
  await tellQueue(tx, 'queue.drained', { queue: name, scope: 'workspace', actor, reason });
  return true;
}

/** Ends the workspace's own drain. @returns whether there was one; the caller then admits who waits */
export async function resumeQueue(
  tx: TenantTx,
  queue: string,
  { actor, name = queue }: { actor: ActorRef; name?: string },
): Promise<boolean> {
  const ended = await tx.deleteFrom('queueDrains').where('queue', '=', queue).returning('queue').executeTakeFirst();
  if (!ended) return false;
  await tellQueue(tx, 'queue.resumed', { queue: name, scope: 'workspace', actor, reason: null });
  return true;
}

/** Tells a workspace that a queue takes nothing new, or takes it again. */
export const tellQueue = (
  tx: TenantTx,
  type: 'queue.drained' | 'queue.resumed',
  {
    queue,
    scope,
    actor,
    reason,
  }: { queue: string; scope: QueueDrain['scope']; actor: ActorRef; reason: string | null },
): Promise<void> => appendEvent(tx, { type, subject: `queue:${queue}`, actor, data: { queue, scope, reason } });

/** Waits until no admission of this workspace is under way. */
export const awaitAdmission = async (tx: TenantTx): Promise<void> => {
  await sql`select ${admissionLock}`.execute(tx);
};

/** Runs in line, by queue, with the time of the first. */
export async function queuedByQueue(tx: TenantTx): Promise<Map<string, { queued: number; oldestAt: Date | null }>> {
  const { rows } = await sql<{ queue: string; queued: number; oldestAt: Date | null }>`
    select task_queue as queue, count(*)::int as queued, min(created_at) as "oldestAt" from runs
    where status = 'queued' and ended_at is null and admitted_at is null and shape = 'job' and parent_run_id is null
    group by task_queue`.execute(tx);
  return new Map(rows.map(({ queue, ...line }) => [queue, line]));
}
