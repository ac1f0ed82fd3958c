import type { SystemTx } from '../kit/database.ts';

/** Whose a webhook's token is. The rest is read in that workspace. */
export const findWebhookToken = (
  tx: SystemTx,
  tokenHash: string,
): Promise<{ workspaceId: string; id: string; webhookId: string } | undefined> =>
  tx
    .selectFrom('webhookTokens')
    .select(['workspaceId', 'id', 'webhookId'])
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst();
