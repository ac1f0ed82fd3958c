import type { Selectable } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { keyAnswerMs, mostKeys } from '#contracts/identity/key-answers.ts';
import type { SecurityKeysTable } from '../identity/tables.ts';
import type { SystemTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { hashToken, newToken } from './tokens.ts';

export type SecurityKeyRow = Selectable<SecurityKeysTable>;

/** A person's security keys, the oldest first. */
export const listSecurityKeys = (tx: SystemTx, userId: string): Promise<SecurityKeyRow[]> =>
  tx.selectFrom('securityKeys').selectAll().where('userId', '=', userId).orderBy('id').execute();

export async function addSecurityKey(
  tx: SystemTx,
  key: Omit<SecurityKeyRow, 'id' | 'createdAt' | 'lastUsedAt'> & { now: Date },
): Promise<SecurityKeyRow> {
  const { now, ...values } = key;
  if ((await listSecurityKeys(tx, key.userId)).length >= mostKeys)
    throw new Refusal('identity.key_limit', { limit: mostKeys });
  try {
    return await tx
      .insertInto('securityKeys')
      .values({ ...values, id: uuidv7(), createdAt: now, lastUsedAt: null })
      .returningAll()
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (violates(error, 'security_keys_credential')) throw new Refusal('identity.key_known');
    throw error;
  }
}

/** Takes a key away; undefined where it is none of this person's. */
export const removeSecurityKey = (tx: SystemTx, userId: string, id: string): Promise<SecurityKeyRow | undefined> =>
  tx.deleteFrom('securityKeys').where('userId', '=', userId).where('id', '=', id).returningAll().executeTakeFirst();

/**
 * Notes a use of a key with the count it gave. Keys that do not count always give 0.
 * @returns false where the count has not risen: a copy of the key is about
 */
export async function countUse(tx: SystemTx, id: string, signCount: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('securityKeys')
    .set({ signCount, lastUsedAt: now })
    .where('id', '=', id)
    .where((eb) => (signCount === 0 ? eb('signCount', '=', 0) : eb('signCount', '<', signCount)))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Whom a challenge is for: a person, in the session they have or, while they sign in, in none yet. */
export interface ChallengeOf {
  userId: string;
  sessionId: string | null;
  purpose: 'add' | 'prove';
}

/** Keeps a challenge, and gives the ticket by which its answer finds it; only the ticket's hash is kept. */
export async function keepChallenge(
  tx: SystemTx,
  { userId, sessionId, purpose }: ChallengeOf,
  challenge: string,
  now: Date,
): Promise<string> {
  const ticket = newToken();
  await tx.deleteFrom('keyChallenges').where('userId', '=', userId).where('expiresAt', '<=', now).execute();
  const expiresAt = new Date(now.getTime() + keyAnswerMs);
  await tx
    .insertInto('keyChallenges')
    .values({ ticketHash: hashToken(ticket), userId, sessionId, purpose, challenge, expiresAt })
    .execute();
  return ticket;
}

/** Takes the challenge of a ticket, for the one answer it is good for; undefined where it is another's, old or taken. */
export async function takeChallenge(
  tx: SystemTx,
  ticket: string,
  { userId, sessionId, purpose }: ChallengeOf,
  now: Date,
): Promise<string | undefined> {
  const row = await tx
    .deleteFrom('keyChallenges')
    .where('ticketHash', '=', hashToken(ticket))
    .where('userId', '=', userId)
    .where('sessionId', 'is not distinct from', sessionId)
    .where('purpose', '=', purpose)
    .where('expiresAt', '>', now)
    .returning('challenge')
    .executeTakeFirst();
  return row?.challenge;
}
