import type { ScheduleTarget } from '#contracts/schedules/targets.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { mustMayQuery } from '#db/queries/query-rules.ts';
import { readSavedQuery } from '#db/queries/saved-queries.ts';
import { readSavedQueryToRun } from '#db/queries/start-saved-query.ts';
import type { Actor } from '../kit/actor.ts';

/**
 * Holds a schedule of a query to the rules of its connection, unit and folder: it runs it, and its deliveries take rows out.
 * @throws Refusal `query.act_forbidden`, and as `readSavedQueryToRun`
 */
export async function mustMaySchedule(
  tx: TenantTx,
  actor: Pick<Actor, 'kind' | 'id'>,
  target: ScheduleTarget,
): Promise<void> {
  if (target.kind !== 'query') return;
  const { connection, unit } = await readSavedQueryToRun(tx, target, { ownerId: actor.id, now: Date.now() });
  const saved = await readSavedQuery(tx, target.id, actor.id);
  const place = { connectionId: connection.id, unit: unit?.id, folder: saved?.folder };
  await mustMayQuery(tx, actor, 'schedule', place);
  await mustMayQuery(tx, actor, 'run', place);
  if ((target.after?.deliveries.length ?? 0) > 0) await mustMayQuery(tx, actor, 'export', place);
}
