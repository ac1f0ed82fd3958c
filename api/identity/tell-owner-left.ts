import { consoleAddress } from '#contracts/kit/console-address.ts';
import { membersWithRoles } from '#db/identity/members.ts';
import type { LeftSchedules } from '#db/schedules/owner-left.ts';
import { markSynced, readScheduleRow, toTemporal } from '#db/schedules/schedules.ts';
import type { Actor } from '../kit/actor.ts';
import type { ApiTools } from '../kit/tools.ts';

/**
 * After somebody has left: Temporal is told of the schedules that were paused, and the workspace's owners and administrators
 * by mail of those and of the ones that go on. Nothing of it undoes the leaving: what Temporal was not told now, its sweep
 * tells; what cannot be mailed stands in events and on the schedules.
 */
export async function tellOwnerLeft(
  { inTenant, temporal, mail, config, log }: ApiTools,
  actor: Actor,
  { id, name }: { id: string; name: string },
  { goOn, paused }: LeftSchedules,
): Promise<void> {
  for (const schedule of paused)
    try {
      const row = await inTenant(actor, (tx) => readScheduleRow(tx, schedule.id));
      if (!row) continue;
      await temporal.schedules.put(toTemporal(row));
      await inTenant(actor, (tx) => markSynced(tx, row.id, row.version));
    } catch (error) {
      log.warn({ err: error, scheduleId: schedule.id }, 'Temporal could not be told of a paused schedule yet');
    }
  if (goOn.length + paused.length === 0 || !mail.isReady) return;
  const list = (title: string, schedules: LeftSchedules['goOn']): string =>
    schedules.length === 0 ? '' : `\n\n${title}\n${schedules.map((one) => `- ${one.name}`).join('\n')}`;
  const text = `${name} has left the workspace.${list('These schedules of theirs go on under the workspace:', goOn)}${list('These are paused, because they mail rows to them:', paused)}${config.publicUrl ? `\n\n${consoleAddress(config.publicUrl, actor.workspaceId, '/schedules')}` : ''}\n`;
  const readers = await inTenant(actor, (tx) => membersWithRoles(tx, ['owner', 'admin']));
  for (const { id: readerId, email } of readers)
    await mail
      .send({
        to: email,
        subject: `Schedules of ${name}, who has left`,
        text,
        key: `left/${id}/${Date.now()}/${readerId}`,
      })
      .catch((error: unknown) =>
        log.warn({ err: error }, 'nobody could be mailed of the schedules of somebody who left'),
      );
}
