import { clockKinds } from '#contracts/incidents/sla-clock.ts';
import { signalIncident } from '#db/incidents/signals.ts';
import type { TestApp } from './test-app.ts';

/**
 * Moves all that has happened to an incident into the past, so that what is due next is due in a moment: the shortest
 * target is a minute, and so is the shortest wait before a fallback. Its workflow is told, sets its timer anew on the
 * real server, and is woken by that.
 */
export const hastenIncident = (
  { parts, workspaceId }: Pick<TestApp, 'parts' | 'workspaceId'>,
  id: string,
  leftMs = 1_500,
): Promise<void> =>
  parts.inTenant(workspaceId, async (tx) => {
    const row = await tx.selectFrom('incidents').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    if (row.nextAt === null) throw new Error(`Nothing will be due at ${row.key}.`);
    const byMs = row.nextAt.getTime() - Date.now() - leftMs;
    if (byMs <= 0) return; // it is due sooner
    const before = (at: Date): Date => new Date(at.getTime() - byMs);
    const clocks = Object.fromEntries(
      clockKinds.map((kind) => [kind, row.clocks[kind].map((fact) => ({ ...fact, at: fact.at - byMs }))]),
    );
    await tx
      .updateTable('incidents')
      .set({
        openedAt: before(row.openedAt),
        stateSince: before(row.stateSince),
        nextAt: before(row.nextAt),
        clocks: JSON.stringify(clocks),
        escalation: row.escalation && JSON.stringify({ ...row.escalation, since: row.escalation.since - byMs }),
      })
      .where('id', '=', id)
      .execute();
    await signalIncident(tx, id, { kind: 'look' });
  });
