import type { ErrorCode } from '#contracts/errors.ts';
import { type CredentialPatch, type NewCredential, credentialRoutes } from '#contracts/servers/credentials.ts';
import { generateKey, readPrivateKey } from '#connectors/ssh/keys.ts';
import {
  deleteCredential,
  findCredential,
  insertCredential,
  type KeyFacts,
  listCredentials,
  sealParts,
  type SecretField,
  updateCredential,
} from '#db/servers/credentials.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { room } from '../kit/room.ts';
import { doerOf } from './doer.ts';

const refuse = (field: string, code: ErrorCode, facts: Record<string, unknown> = {}) => {
  const refusal = problem(code, { field, ...facts });
  return problem(code, { field, ...facts }, [{ path: `/body/${field}`, code, message: refusal.message }]);
};

/** A key as given or as made here: its public half to tell, its private half to seal. */
function keyOf(
  { privateKey, passphrase, generate }: Pick<NewCredential, 'privateKey' | 'passphrase' | 'generate'>,
  comment: string,
) {
  if (privateKey !== undefined && generate !== undefined) throw refuse('generate', 'credential.generate_conflict');
  const made = generate === undefined ? undefined : generateKey(generate, comment);
  const text = made?.privateKey ?? privateKey;
  if (text === undefined) return undefined;
  const { facts, openSsh } = readPrivateKey(text, made ? undefined : passphrase);
  const key: KeyFacts = {
    publicKey: made?.publicKey ?? facts.publicKey,
    fingerprint: facts.fingerprint,
    keyType: facts.algorithm,
  };
  // Kept without its passphrase, which the vault's seal replaces; that there was one is still told.
  return { key, privateKey: openSsh, passphrase: made ? null : (passphrase ?? null) };
}

/** A key takes no password and a password no key; each needs its own. */
function refuseForeign(kind: NewCredential['kind'], body: NewCredential | CredentialPatch): void {
  const foreign = kind === 'password' ? (['privateKey', 'passphrase', 'generate'] as const) : (['password'] as const);
  const found = foreign.find((field) => body[field] !== undefined && body[field] !== null);
  if (found) throw refuse(found, 'credential.kind_mismatch', { kind });
}

/** Credentials: secrets go in, are read once to be checked, sealed, and never come out. */
export const credentialsRoom = room(credentialRoutes, ({ inTenant, vault }) => ({
  listCredentials: ({ actor, query }) => inTenant(actor, (tx) => listCredentials(tx, query)),

  async createCredential(call) {
    const { actor, body, reply, reservedId: id } = call;
    refuseForeign(body.kind, body);
    const key = body.kind === 'ssh_key' ? keyOf(body, body.name) : undefined;
    if (body.kind === 'ssh_key' && !key) throw refuse('privateKey', 'credential.secret_missing', { kind: body.kind });
    if (body.kind === 'password' && body.password === undefined)
      throw refuse('password', 'credential.secret_missing', { kind: body.kind });
    const { name, kind, username, description, password, sudoPassword } = body;
    const parts: Partial<Record<SecretField, string | null>> = {
      privateKey: key?.privateKey,
      passphrase: key?.passphrase,
      password,
      sudoPassword,
    };
    const sealed = await sealParts(vault, actor.workspaceId, id, parts);
    const made = await inTenant(actor, async (tx) => {
      // A repeated request whose first answer was lost finds what it made.
      return (
        (await findCredential(tx, id)) ??
        insertCredential(tx, doerOf(call), { id, name, kind, username, description, key: key?.key ?? null, sealed })
      );
    });
    return withEtag(reply, made);
  },

  async getCredential({ actor, params, reply }) {
    const found = await inTenant(actor, (tx) => findCredential(tx, params.id));
    if (!found) throw problem('request.not_found');
    return withEtag(reply, found);
  },

  async updateCredential(call) {
    const { actor, params, body, request, reply } = call;
    const ifVersion = versionOf(request);
    const now = await inTenant(actor, (tx) => findCredential(tx, params.id));
    if (!now) throw problem('request.not_found');
    refuseForeign(now.kind, body);
    const key = keyOf({ ...body, passphrase: body.passphrase ?? undefined }, body.name ?? now.name);
    // A passphrase alone would leave a key that it may not open: it comes with its key.
    if (!key && body.passphrase !== undefined)
      throw refuse('privateKey', 'credential.secret_missing', { kind: now.kind });
    const sealed = await sealParts(vault, actor.workspaceId, now.id, {
      ...(key && { privateKey: key.privateKey, passphrase: key.passphrase }),
      password: body.password,
      sudoPassword: body.sudoPassword,
    });
    const { name, username, description } = body;
    const changed = await inTenant(actor, (tx) =>
      updateCredential(tx, doerOf(call), now.id, { name, username, description, key: key?.key, sealed }, ifVersion),
    );
    return withEtag(reply, changed);
  },

  deleteCredential: (call) => inTenant(call.actor, (tx) => deleteCredential(tx, doerOf(call), call.params.id)),
}));
