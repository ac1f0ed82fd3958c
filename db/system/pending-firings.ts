import type { SystemTx } from '../kit/database.ts';

/** Ends of runs that are to start another one, oldest first. */
export const pendingFirings = (
  tx: SystemTx,
  limit = 100,
): Promise<{ workspaceId: string; triggerId: string; endedRunId: string }[]> =>
  tx
    .selectFrom('runTriggerFirings')
    .select(['workspaceId', 'triggerId', 'endedRunId'])
    .where('status', '=', 'pending')
    .orderBy('at')
    .limit(limit)
    .execute();
