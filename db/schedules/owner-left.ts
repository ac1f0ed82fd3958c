import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { pauseSchedule, targetOf } from './schedules.ts';

export interface LeftSchedules {
  /** Those that go on under the workspace. */
  goOn: { id: string; name: string }[];
  /** Those that are paused, for they mail rows to whoever left. */
  paused: { id: string; name: string }[];
}

/**
 * What happens to the schedules of somebody who leaves the workspace: they belong to it and go on, with whatever they run,
 * also where that is a private query. One that mails rows to the address of whoever left is paused, so that no rows leave
 * with them; that holds for the schedules of others too. Each is told as an event; the caller tells Temporal and people.
 */
export async function leaveSchedules(
  tx: TenantTx,
  { id, email, name }: { id: string; email: string; name: string },
  actor: ActorRef,
): Promise<LeftSchedules> {
  const rows = await tx.selectFrom('schedules').selectAll().where('deletedAt', 'is', null).orderBy('id').execute();
  const left: LeftSchedules = { goOn: [], paused: [] };
  for (const row of rows) {
    const target = targetOf(row);
    const deliveries = target.kind === 'query' ? (target.after?.deliveries ?? []) : [];
    const mailsThem = deliveries.some(
      (one) => one.kind === 'mail' && one.recipients.some((to) => to.toLowerCase() === email.toLowerCase()),
    );
    const shown = { id: row.id, name: row.name };
    if (mailsThem && !row.paused) {
      await pauseSchedule(tx, row.id, {
        paused: true,
        note: `It mails rows to ${email}, and ${name} has left. Change where they go, then unpause it.`,
        actor,
      });
      left.paused.push(shown);
    } else if (row.createdBy.kind === 'user' && row.createdBy.id === id) {
      await appendEvent(tx, {
        type: 'schedule.changed',
        subject: `schedule:${row.id}`,
        actor,
        data: { name: row.name, change: 'owner_left' },
      });
      left.goOn.push(shown);
    }
  }
  return left;
}
