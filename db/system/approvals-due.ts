import { sql } from 'kysely';
import type { SystemTx } from '../kit/database.ts';

/** Decisions that no workflow has taken yet. Younger ones are just being delivered. */
export const undeliveredApprovals = (tx: SystemTx, limit = 200): Promise<{ workspaceId: string; id: string }[]> =>
  tx
    .selectFrom('approvals')
    .select(['workspaceId', 'id'])
    .where('decidedAt', 'is not', null)
    .where('deliveredAt', 'is', null)
    .where('decidedAt', '<', sql<Date>`now() - interval '3 seconds'`)
    .orderBy('decidedAt')
    .limit(limit)
    .execute();

/** Letters about approvals whose time to be sent has come. */
export const unsentLetters = (tx: SystemTx, limit = 100): Promise<{ workspaceId: string; id: string }[]> =>
  tx
    .selectFrom('approvalLinks')
    .select(['workspaceId', 'id'])
    .where('mailedAt', 'is', null)
    .where('attempts', '<', 6)
    .where('nextAttemptAt', '<=', sql<Date>`now()`)
    .orderBy('nextAttemptAt')
    .limit(limit)
    .execute();

/** Whose link a token is. The rest is read in that workspace. */
export const findApprovalLink = (
  tx: SystemTx,
  tokenHash: string,
): Promise<{ workspaceId: string; id: string } | undefined> =>
  tx.selectFrom('approvalLinks').select(['workspaceId', 'id']).where('tokenHash', '=', tokenHash).executeTakeFirst();
