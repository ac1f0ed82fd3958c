import { sql } from 'kysely';
import { ConnectionSecrets } from '#contracts/connections/config.ts';
import type { Secret } from '#system/secret.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';

/** The secret parts of a connection, by the name under which they are given. */
export const secretNames = [
  'clientSecret',
  'launchSecret',
  'password',
] as const satisfies readonly (keyof ConnectionSecrets)[];
export type SecretName = (typeof secretNames)[number];
/** Null clears a part, what is absent stays as it is. */
export type GivenSecrets = Partial<Record<SecretName, string | null>>;
export type SealedSecrets = Partial<Record<SecretName, string | null>>;

/** Each part is sealed for its place: it opens in no other part, connection or workspace. */
const contextOf = (workspaceId: string, connectionId: string, name: SecretName): SealContext => ({
  workspaceId,
  purpose: 'secret',
  subject: `connection:${connectionId}/${name}`,
});

/** Seals what is given. Done before the transaction begins. */
export async function sealSecrets(
  vault: Vault,
  workspaceId: string,
  connectionId: string,
  given: GivenSecrets,
): Promise<SealedSecrets> {
  const sealed: SealedSecrets = {};
  for (const name of secretNames) {
    const part = given[name];
    if (part === undefined) continue;
    sealed[name] = part === null ? null : await vault.seal(part, contextOf(workspaceId, connectionId, name));
  }
  return sealed;
}

/** Keeps sealed parts; null takes one away. */
export async function keepSecrets(tx: TenantTx, connectionId: string, sealed: SealedSecrets): Promise<void> {
  for (const name of secretNames) {
    const part = sealed[name];
    if (part === undefined) continue;
    if (part === null)
      await tx
        .deleteFrom('connectionSecrets')
        .where('connectionId', '=', connectionId)
        .where('name', '=', name)
        .execute();
    else
      await tx
        .insertInto('connectionSecrets')
        .values({ connectionId, name, sealed: part })
        .onConflict((conflict) =>
          conflict
            .columns(['workspaceId', 'connectionId', 'name'])
            .doUpdateSet({ sealed: part, setAt: sql<Date>`now()` }),
        )
        .execute();
  }
}

export type OpenedSecrets = Partial<Record<SecretName, Secret>>;

/** Opens the secret parts of a connection. Only where they are used; nothing of it is kept. */
export async function openSecrets(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  connectionId: string,
): Promise<OpenedSecrets> {
  const rows = await tx
    .selectFrom('connectionSecrets')
    .select(['name', 'sealed'])
    .where('connectionId', '=', connectionId)
    .execute();
  return openSealed(
    vault,
    workspaceId,
    connectionId,
    Object.fromEntries(rows.map(({ name, sealed }) => [name, sealed])),
  );
}

/** The same of sealed parts that were read already. */
export async function openSealed(
  vault: Vault,
  workspaceId: string,
  connectionId: string,
  parts: SealedSecrets,
): Promise<OpenedSecrets> {
  const opened: OpenedSecrets = {};
  for (const name of secretNames) {
    const sealed = parts[name];
    if (sealed) opened[name] = await vault.open(sealed, contextOf(workspaceId, connectionId, name));
  }
  return opened;
}
