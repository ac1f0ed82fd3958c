import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { Secret } from '#system/secret.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';

/** How long somebody may take at the service's pages. */
export const signInMs = 10 * 60_000;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');
const contextOf = (workspaceId: string, stateHash: string): SealContext => ({
  workspaceId,
  purpose: 'secret',
  subject: `connection-sign-in:${stateHash}`,
});

/** A word that names its workspace and is otherwise unguessable: what comes back with it needs no other sign. */
export const makeWord = (workspaceId: string): string =>
  Buffer.concat([Buffer.from(workspaceId.replaceAll('-', ''), 'hex'), randomBytes(24)]).toString('base64url');

/** The workspace that a word names; undefined for what is none of ours. */
export function workspaceOf(word: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{54}$/.test(word)) return undefined;
  const hex = Buffer.from(word, 'base64url').subarray(0, 16).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export interface SignIn {
  readonly connectionId: string;
  /** The business unit that is signed in to; `''` the connection's own. */
  readonly unit: string;
  readonly personId: string;
  readonly sessionId: string;
  readonly redirectUri: string;
  readonly returnTo: string | null;
}

/** Opens a sign-in. @returns its `state` and the PKCE verifier, which is kept sealed */
export async function beginSignIn(
  vault: Vault,
  workspaceId: string,
): Promise<{
  state: string;
  verifier: Secret;
  challenge: string;
  keep: (tx: TenantTx, signIn: SignIn) => Promise<Date>;
}> {
  const state = makeWord(workspaceId);
  const stateHash = hashOf(state);
  const verifier = new Secret(randomBytes(32).toString('base64url'));
  const sealedVerifier = await vault.seal(verifier, contextOf(workspaceId, stateHash));
  return {
    state,
    verifier,
    challenge: hashOf(verifier.reveal()),
    keep: async (tx, signIn) => {
      const expiresAt = new Date(Date.now() + signInMs);
      await tx
        .deleteFrom('connectionSignIns')
        .where('expiresAt', '<', sql<Date>`now()`)
        .execute();
      await tx
        .insertInto('connectionSignIns')
        .values({ ...signIn, stateHash, sealedVerifier, expiresAt })
        .execute();
      return expiresAt;
    },
  };
}

/** Takes a sign-in that comes back: once, and in time. */
export async function takeSignIn(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  state: string,
): Promise<(SignIn & { verifier: Secret }) | undefined> {
  const stateHash = hashOf(state);
  const row = await tx
    .deleteFrom('connectionSignIns')
    .where('stateHash', '=', stateHash)
    .returning(['connectionId', 'unit', 'personId', 'sessionId', 'redirectUri', 'returnTo', 'sealedVerifier'])
    .returning(sql<boolean>`expires_at > now()`.as('isOpen'))
    .executeTakeFirst();
  if (!row?.isOpen) return undefined;
  const { sealedVerifier, isOpen: _isOpen, ...signIn } = row;
  return { ...signIn, verifier: await vault.open(sealedVerifier, contextOf(workspaceId, stateHash)) };
}

/** What App Switcher said, until somebody has landed: its token may hold the only refresh token. */
export interface Launch {
  readonly connectionId: string;
  readonly unit: string;
  readonly refreshToken: Secret | null;
}
const launchContext = (workspaceId: string, ticketHash: string): SealContext => ({
  workspaceId,
  purpose: 'token',
  subject: `connection-launch:${ticketHash}`,
});

/** Keeps a launch under its token's id. @returns the ticket to land with; undefined where the token was seen before */
export async function keepLaunch(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  { connectionId, unit, refreshToken, jti, keepUntilMs }: Launch & { jti: string; keepUntilMs: number },
): Promise<string | undefined> {
  const ticket = makeWord(workspaceId);
  const ticketHash = hashOf(ticket);
  const sealed = await vault.seal(refreshToken ?? '', launchContext(workspaceId, ticketHash));
  await tx
    .deleteFrom('connectionLaunches')
    .where('keepUntil', '<', sql<Date>`now()`)
    .execute();
  const kept = await tx
    .insertInto('connectionLaunches')
    .values({
      connectionId,
      unit,
      jtiHash: hashOf(jti),
      ticketHash,
      sealed,
      landedAt: null,
      landUntil: new Date(Date.now() + signInMs),
      keepUntil: new Date(Math.max(keepUntilMs, Date.now() + signInMs)),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('jtiHash')
    .executeTakeFirst();
  return kept && ticket;
}

/** Takes a launch by its ticket: once, and in time. Its token's id stays known until that has expired. */
export async function takeLaunch(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  connectionId: string,
  ticket: string,
): Promise<Launch | undefined> {
  const ticketHash = hashOf(ticket);
  const row = await tx
    .selectFrom('connectionLaunches')
    .select(['unit', 'sealed'])
    .where('connectionId', '=', connectionId)
    .where('ticketHash', '=', ticketHash)
    .where('landedAt', 'is', null)
    .where('landUntil', '>', sql<Date>`now()`)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return undefined;
  await tx
    .updateTable('connectionLaunches')
    .set({ landedAt: sql<Date>`now()`, sealed: '' })
    .where('connectionId', '=', connectionId)
    .where('ticketHash', '=', ticketHash)
    .execute();
  const text = (await vault.open(row.sealed, launchContext(workspaceId, ticketHash))).reveal();
  return { connectionId, unit: row.unit, refreshToken: text === '' ? null : new Secret(text) };
}
