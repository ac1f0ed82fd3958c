import type { ActorRef } from '#contracts/kit/schemas.ts';
import { recordAudits } from '../audit/audit-entries.ts';
import type { TenantTx } from '../kit/database.ts';

/** Who a secret was opened for: a run, or the machinery that checks servers. */
export interface SecretReader {
  actor: ActorRef;
  runId: string | null;
}

/** Writes that credentials were opened, and when each was last used. */
export async function recordCredentialReads(
  tx: TenantTx,
  { actor, runId }: SecretReader,
  credentials: readonly { id: string; name: string }[],
  serverName: string,
): Promise<void> {
  await recordAudits(
    tx,
    credentials.map(({ id, name }) => ({
      actor,
      action: 'credential.read',
      subject: `credential:${id}`,
      title: name,
      after: { runId, server: serverName },
    })),
  );
  const ids = credentials.map(({ id }) => id);
  await tx.updateTable('credentials').set({ lastUsedAt: new Date() }).where('id', 'in', ids).execute();
}
