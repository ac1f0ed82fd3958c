import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { QueueDrain } from '#contracts/settings/queues.ts';
import type { Db } from '../kit/database.ts';

/**
 * Drains a queue for every workspace. One that is drained already stays as it is.
 * @returns the drain that holds now, and whether it is new
 */
export async function drainInstance(
  system: Db,
  queue: string,
  { actor, reason }: { actor: ActorRef; reason: string | null },
): Promise<{ drain: QueueDrain; isNew: boolean }> {
  const made = await system
    .insertInto('instanceDrains')
    .values({ queue, reason, drainedBy: JSON.stringify(actor) })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  const row =
    made ??
    (await system.selectFrom('instanceDrains').selectAll().where('queue', '=', queue).executeTakeFirstOrThrow());
  return {
    isNew: made !== undefined,
    drain: { scope: 'instance', by: row.drainedBy, at: row.drainedAt.toISOString(), reason: row.reason },
  };
}

/** Ends the drain of every workspace. @returns whether there was one */
export async function resumeInstance(system: Db, queue: string): Promise<boolean> {
  const { numDeletedRows } = await system.deleteFrom('instanceDrains').where('queue', '=', queue).executeTakeFirst();
  return numDeletedRows > 0n;
}
