import { sql, type Updateable } from 'kysely';
import type { Credential, CredentialFilter } from '#contracts/servers/credentials.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';
import { contains } from '../kit/like.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { changesOf, type Doer, recordActs } from './acts.ts';
import { afterName, nameCursor } from './name-page.ts';
import type { CredentialsTable } from './tables.ts';

/** The secret parts of a credential. */
export const secretFields = ['privateKey', 'passphrase', 'password', 'sudoPassword'] as const;
export type SecretField = (typeof secretFields)[number];
const columnOf = {
  privateKey: 'sealedPrivateKey',
  passphrase: 'sealedPassphrase',
  password: 'sealedPassword',
  sudoPassword: 'sealedSudoPassword',
} as const;

/** Each part is sealed for its place: it opens in no other field, credential or workspace. */
export const sealContext = (workspaceId: string, credentialId: string, field: SecretField): SealContext => ({
  workspaceId,
  purpose: 'credential',
  subject: `credential:${credentialId}/${field}`,
});

export type SealedParts = Partial<Record<(typeof columnOf)[SecretField], string | null>>;

/** Seals what is given; null clears a part, what is absent stays as it is. Done before the transaction begins. */
export async function sealParts(
  vault: Vault,
  workspaceId: string,
  credentialId: string,
  parts: Partial<Record<SecretField, string | null>>,
): Promise<SealedParts> {
  const sealed: SealedParts = {};
  for (const field of secretFields) {
    const part = parts[field];
    if (part === undefined) continue;
    sealed[columnOf[field]] =
      part === null ? null : await vault.seal(part, sealContext(workspaceId, credentialId, field));
  }
  return sealed;
}

/** What may be told of a key: its public half. */
export interface KeyFacts {
  publicKey: string;
  fingerprint: string;
  keyType: string;
}

// Sealed columns are no part of it: what a list reads, a list could leak.
const shown = [
  'id',
  'name',
  'nameKey',
  'kind',
  'username',
  'description',
  'publicKey',
  'fingerprint',
  'keyType',
  'lastUsedAt',
  'rotatedAt',
  'createdAt',
  'updatedAt',
  'version',
] as const;
const rows = (tx: TenantTx) =>
  tx
    .selectFrom('credentials')
    .select([
      ...shown,
      sql<boolean>`sealed_passphrase is not null`.as('hasPassphrase'),
      sql<boolean>`sealed_password is not null`.as('hasPassword'),
      sql<boolean>`sealed_sudo_password is not null`.as('hasSudoPassword'),
      sql<number>`(select count(*)::int from servers s where s.workspace_id = credentials.workspace_id and s.credential_id = credentials.id)`.as(
        'usedBy',
      ),
    ]);
type Row = Awaited<ReturnType<ReturnType<typeof rows>['executeTakeFirstOrThrow']>>;

const toCredential = ({ nameKey: _nameKey, lastUsedAt, rotatedAt, createdAt, updatedAt, ...row }: Row): Credential => ({
  ...row,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  rotatedAt: rotatedAt.toISOString(),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

export async function listCredentials(tx: TenantTx, filter: CredentialFilter) {
  const isDescending = filter.sort === '-name';
  let found = rows(tx);
  if (filter.q) {
    const like = contains(filter.q);
    found = found.where((eb) =>
      eb.or([eb('name', 'ilike', like), eb('username', 'ilike', like), eb('fingerprint', 'like', like)]),
    );
  }
  if (filter.kind) found = found.where('kind', '=', filter.kind);
  if (filter.cursor) found = found.where(afterName('credentials', filter.cursor, isDescending));
  const direction = isDescending ? 'desc' : 'asc';
  const all = await found
    .orderBy('nameKey', direction)
    .orderBy('id', direction)
    .limit(filter.limit + 1)
    .execute();
  const page = all.slice(0, filter.limit);
  return {
    data: page.map(toCredential),
    pagination: { limit: filter.limit, nextCursor: all.length > filter.limit ? nameCursor(page.at(-1)) : null },
  };
}

export async function findCredential(tx: TenantTx, id: string): Promise<Credential | undefined> {
  const row = await rows(tx).where('id', '=', id).executeTakeFirst();
  return row && toCredential(row);
}

const must = async (tx: TenantTx, id: string): Promise<Credential> => {
  const credential = await findCredential(tx, id);
  if (!credential) throw new Refusal('request.not_found');
  return credential;
};

const named = async <T>(name: string | undefined, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (violates(error, 'credentials_name')) throw new Refusal('credential.name_taken', { name });
    throw error;
  }
};

/** Fields that the audit log shows. */
const written = ({ name, username, description, fingerprint, keyType }: Credential) => ({
  name,
  username,
  description,
  fingerprint,
  keyType,
});

export interface NewCredentialRow {
  id: string;
  name: string;
  kind: CredentialsTable['kind'];
  username: string;
  description: string;
  key: KeyFacts | null;
  sealed: SealedParts;
}

export async function insertCredential(
  tx: TenantTx,
  doer: Doer,
  { id, name, kind, username, description, key, sealed }: NewCredentialRow,
): Promise<Credential> {
  await named(
    name,
    tx
      .insertInto('credentials')
      .values({ id, name, nameKey: naturalKey(name), kind, username, description, ...key, ...sealed })
      .execute(),
  );
  const made = await must(tx, id);
  await recordActs(tx, doer, [{ noun: 'credential', id, name, act: 'created', after: { kind, ...written(made) } }]);
  return made;
}

export interface CredentialChange {
  name?: string | undefined;
  username?: string | undefined;
  description?: string | undefined;
  /** With a new private key. */
  key?: KeyFacts | undefined;
  sealed: SealedParts;
}

/** Changes a credential; a new secret is written into the audit log as a fact, never as a value. */
export async function updateCredential(
  tx: TenantTx,
  doer: Doer,
  id: string,
  change: CredentialChange,
  ifVersion?: number,
): Promise<Credential> {
  const locked = await tx
    .selectFrom('credentials')
    .select('version')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!locked) throw new Refusal('request.not_found');
  if (ifVersion !== undefined && ifVersion !== locked.version) throw new Refusal('request.stale');
  const before = await must(tx, id);
  const { name, username, description, key, sealed } = change;
  const rotated = Object.keys(sealed).length > 0;
  const columns: Updateable<CredentialsTable> = {
    ...(name !== undefined && { name, nameKey: naturalKey(name) }),
    ...(username !== undefined && { username }),
    ...(description !== undefined && { description }),
    ...key,
    ...sealed,
    ...(rotated && { rotatedAt: new Date() }),
  };
  if (Object.keys(columns).length === 0) return before;
  await named(
    name,
    tx
      .updateTable('credentials')
      .set({ ...columns, version: locked.version + 1, updatedAt: new Date() })
      .where('id', '=', id)
      .execute(),
  );
  // Whoever signs in with it should be looked at soon.
  await tx.updateTable('servers').set({ nextCheckAt: new Date() }).where('credentialId', '=', id).execute();
  const after = await must(tx, id);
  const changes = changesOf(written(before), written(after));
  const secrets = Object.entries(columnOf).flatMap(([field, column]) =>
    sealed[column] === undefined ? [] : [`${field} ${sealed[column] === null ? 'removed' : 'replaced'}`],
  );
  await recordActs(tx, doer, [
    {
      noun: 'credential',
      id,
      name: after.name,
      act: rotated ? 'rotated' : 'changed',
      before: changes.before,
      after: { ...changes.after, ...(secrets.length > 0 && { changed: secrets }) },
    },
  ]);
  return after;
}

/** Deletes a credential; refused with the names while servers use it. */
export async function deleteCredential(tx: TenantTx, doer: Doer, id: string): Promise<void> {
  const credential = await must(tx, id);
  const refuse = async () => {
    const servers = await tx
      .selectFrom('servers')
      .select(['id', 'name'])
      .where('credentialId', '=', id)
      .orderBy('nameKey')
      .limit(20)
      .execute();
    return new Refusal(
      'credential.in_use',
      { count: credential.usedBy || servers.length },
      { servers, total: credential.usedBy || servers.length },
    );
  };
  if (credential.usedBy > 0) throw await refuse();
  try {
    await tx.deleteFrom('credentials').where('id', '=', id).execute();
  } catch (error) {
    // A server took it between the look and the deletion; the transaction can only be given up.
    if (violates(error, 'servers_credential')) throw new Refusal('credential.in_use', { count: 1 });
    throw error;
  }
  await recordActs(tx, doer, [
    { noun: 'credential', id, name: credential.name, act: 'deleted', before: written(credential) },
  ]);
}

/** Names of credentials → their ids, for the import. */
export async function credentialIds(tx: TenantTx): Promise<Map<string, string>> {
  const all = await tx.selectFrom('credentials').select(['id', 'name']).execute();
  return new Map(all.map(({ id, name }) => [name, id]));
}
