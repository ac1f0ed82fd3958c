import type { SystemTx } from '../kit/database.ts';

/** Whose calendar a feed's token is. The rest is read in that workspace. */
export const findDutyFeed = (
  tx: SystemTx,
  tokenHash: string,
): Promise<{ workspaceId: string; scheduleId: string } | undefined> =>
  tx
    .selectFrom('oncallFeeds')
    .select(['workspaceId', 'scheduleId'])
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst();
