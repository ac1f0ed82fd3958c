import type { z } from 'zod';
import type { GuardOptions } from '#connectors/http/guarded-request.ts';
import { DeliveryFailure } from '#connectors/notifications/deliver.ts';
import { SshProblem } from '#connectors/ssh/problem.ts';
import { putFile } from '#connectors/ssh/sftp-put.ts';
import type { SftpDelivery } from '#contracts/queries/delivery.ts';
import { filledPath, sftpPathFault } from '#contracts/queries/sftp-path.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { readNominalTime } from '#db/schedules/firings.ts';
import { openLogin, readLogin } from '#db/servers/credential-login.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { Sending, Sent } from './deliver-rows.ts';

export interface PutTools extends Pick<ActivityTools, 'inTenant'> {
  readonly vault: Vault;
  readonly isOwnPort?: GuardOptions['isOwnPort'];
}

/** The file on an SFTP host, under the name that this run always has. */
export async function putRows(
  { inTenant, vault, isOwnPort }: PutTools,
  { input, delivery, begunAt, open, signal }: Sending<z.infer<typeof SftpDelivery>>,
): Promise<Sent> {
  const { host, port, credentialId, fingerprint } = delivery;
  const { workspaceId, runId } = input;
  const { login: sealed, time } = await inTenant(workspaceId, async (tx) => ({
    login: await readLogin(tx, credentialId, {
      reader: { actor: { kind: 'system', id: null, name: 'Delivery' }, runId },
      host,
      port,
    }),
    time: await readNominalTime(tx, runId),
  }));
  if (!sealed)
    throw new DeliveryFailure('credential.unknown', 'The credential of this delivery is not there any more.', {
      isForGood: true,
    });
  const path = filledPath(delivery.path, { runId, ...(time ?? { at: begunAt, timeZone: 'UTC' }) });
  const fault = sftpPathFault(path);
  if (fault) throw new DeliveryFailure('sftp.refused', fault, { isForGood: true });
  try {
    const { username, privateKey, password } = await openLogin(vault, workspaceId, sealed);
    const bytes = await putFile(
      {
        host,
        port,
        login: { username, privateKey: privateKey?.reveal(), password: password?.reveal() },
        hostKey: { fingerprint },
        scope: workspaceId,
      },
      { path, partPath: `${path}.${runId}.part`, open: async () => (await open()).stream },
      { signal, ...(isOwnPort && { isOwnPort }) },
    );
    return { state: 'delivered', bytes };
  } catch (error) {
    if (error instanceof Refusal)
      throw new DeliveryFailure(error.code, error.message, { isForGood: true, cause: error });
    if (!(error instanceof SshProblem)) throw error;
    throw new DeliveryFailure(error.code, error.message, { isForGood: !error.retry, cause: error });
  }
}
