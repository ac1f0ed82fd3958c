import type { Secret } from '#system/secret.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { type SealedHop, openWay } from './connection.ts';
import { type SecretReader, recordCredentialReads } from './credential-reads.ts';

/** A login that is used apart from the servers: on a host that a delivery names. Its reading is in the audit log. */
export async function readLogin(
  tx: TenantTx,
  credentialId: string,
  { reader, host, port }: { reader: SecretReader; host: string; port: number },
): Promise<SealedHop | undefined> {
  const credential = await tx
    .selectFrom('credentials')
    .select(['id', 'name', 'username', 'sealedPrivateKey', 'sealedPassword', 'sealedSudoPassword'])
    .where('id', '=', credentialId)
    .executeTakeFirst();
  if (!credential) return undefined;
  await recordCredentialReads(tx, reader, [{ id: credential.id, name: credential.name }], host);
  return { id: credentialId, name: host, host, port, tags: [], pinnedKey: null, isOffered: false, credential };
}

/** Opens it. @throws Refusal `credential.unreadable` where a sealed secret does not open */
export async function openLogin(
  vault: Vault,
  workspaceId: string,
  login: SealedHop,
): Promise<{ username: string; privateKey?: Secret; password?: Secret }> {
  const [opened] = await openWay(vault, workspaceId, [login]);
  if (!opened) throw new Error('A way has as many logins as hops.');
  return opened.login;
}
