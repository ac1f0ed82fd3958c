import type { TenantTx } from '#db/kit/database.ts';
import { addLiveToken, type TokenTable } from '#db/kit/live-tokens.ts';
import { hashToken, newToken } from '#db/system/tokens.ts';
import type { ApiTools } from './tools.ts';

/** Gives a source another token, shown this once, and the address at which senders use it. */
export async function newIngestAddress(
  tx: TenantTx,
  { connections }: Pick<ApiTools, 'connections'>,
  table: TokenTable,
  sourceId: string,
): Promise<{ tokenId: string; token: string; url: string }> {
  const token = newToken();
  const tokenId = await addLiveToken(tx, table, sourceId, { tokenHash: hashToken(token), hint: token.slice(-4) });
  return { tokenId, token, url: `${connections.publicUrl}/api/v1/ingest/${token}` };
}
