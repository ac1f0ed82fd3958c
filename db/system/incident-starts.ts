import type { SystemTx } from '../kit/database.ts';

/** Notes of playbooks that wait to be decided or begun, oldest first. */
export const waitingStarts = (tx: SystemTx, limit = 100): Promise<{ workspaceId: string; id: string }[]> =>
  tx
    .selectFrom('incidentStarts')
    .select(['workspaceId', 'id'])
    .where('status', 'in', ['pending', 'due'])
    .orderBy('at')
    .limit(limit)
    .execute();

/** Runs begun for incidents whose end has not been taken over. */
export async function runsOfStarts(tx: SystemTx): Promise<string[]> {
  const rows = await tx
    .selectFrom('incidentStarts')
    .select('runId')
    .where('status', '=', 'started')
    .where('runId', 'is not', null)
    .$narrowType<{ runId: string }>()
    .execute();
  return rows.map(({ runId }) => runId);
}
