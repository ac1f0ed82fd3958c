import { v7 as uuidv7 } from 'uuid';
import type { SystemTx } from '../kit/database.ts';
import { hashToken, newNonce, newToken, successorOf } from './tokens.ts';

export const refreshDays = 7;
/** A used refresh token gives its successor again for so long: two tabs, or an answer that was lost on the way. */
export const graceMs = 30_000;
const dayMs = 86_400_000;

export interface SessionRow {
  id: string;
  userId: string;
  kind: 'browser' | 'api';
  mfaAt: Date | null;
  address: string | null;
  client: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
}
const columns = [
  'id',
  'userId',
  'kind',
  'mfaAt',
  'address',
  'client',
  'createdAt',
  'lastSeenAt',
  'expiresAt',
  'endedAt',
] as const;

export interface NewSession {
  userId: string;
  kind: 'browser' | 'api';
  mfaAt: Date | null;
  address: string | null;
  client: string | null;
  now: Date;
}

/** Opens a session. It has no token yet: `issueToken` gives one to each place that keeps one. */
export async function openSession(tx: SystemTx, { now, client, ...session }: NewSession): Promise<SessionRow> {
  await tx.updateTable('users').set({ lastSeenAt: now }).where('id', '=', session.userId).execute();
  return tx
    .insertInto('sessions')
    .values({
      ...session,
      client: client?.slice(0, 300) ?? null,
      id: uuidv7(),
      createdAt: now,
      lastSeenAt: now,
      expiresAt: expiryFrom(now),
    })
    .returning(columns)
    .executeTakeFirstOrThrow();
}

const expiryFrom = (now: Date): Date => new Date(now.getTime() + refreshDays * dayMs);

/** A first refresh token of a session; only its hash is kept. */
export async function issueToken(tx: SystemTx, sessionId: string, now: Date): Promise<string> {
  const token = newToken('wr_');
  await tx
    .insertInto('refreshTokens')
    .values({ id: uuidv7(), sessionId, tokenHash: hashToken(token), createdAt: now })
    .execute();
  return token;
}

export type Rotation =
  | { outcome: 'rotated' | 'repeated'; session: SessionRow; token: string }
  | { outcome: 'unknown' }
  | { outcome: 'ended'; sessionId: string; userId: string }
  /** Used before and too long ago: somebody has a copy. The session has been ended by this call. */
  | { outcome: 'reused'; sessionId: string; userId: string };

/**
 * Exchanges a refresh token for its one successor. Two callers at once get the same one, and so does a caller within
 * 30 s; later a used token ends the session.
 * @param isCookie the token came in a browser's cookie, whose new value may have been lost with an answer that the page
 * gave up: as long as nobody has used the successor, it is given again
 */
export async function rotateToken(
  tx: SystemTx,
  token: string,
  { now, isCookie = false }: { now: Date; isCookie?: boolean },
): Promise<Rotation> {
  const row = await tx
    .selectFrom('refreshTokens')
    .selectAll()
    .where('tokenHash', '=', hashToken(token))
    .forUpdate()
    .executeTakeFirst();
  if (!row) return { outcome: 'unknown' };
  const session = await tx
    .selectFrom('sessions')
    .select(columns)
    .where('id', '=', row.sessionId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (session.endedAt || session.expiresAt <= now)
    return { outcome: 'ended', sessionId: session.id, userId: session.userId };

  if (!row.usedAt || !row.successorNonce) {
    const nonce = newNonce();
    const successor = successorOf(token, nonce);
    const successorId = uuidv7();
    await tx
      .insertInto('refreshTokens')
      .values({ id: successorId, sessionId: session.id, tokenHash: hashToken(successor), createdAt: now })
      .execute();
    await tx
      .updateTable('refreshTokens')
      .set({ usedAt: now, successorNonce: nonce, successorId })
      .where('id', '=', row.id)
      .execute();
    const times = { lastSeenAt: now, expiresAt: expiryFrom(now) };
    await tx.updateTable('sessions').set(times).where('id', '=', session.id).execute();
    await tx.updateTable('users').set({ lastSeenAt: now }).where('id', '=', session.userId).execute();
    return { outcome: 'rotated', session: { ...session, ...times }, token: successor };
  }
  const isInGrace = now.getTime() - row.usedAt.getTime() <= graceMs;
  if (isInGrace || (isCookie && (await isUnused(tx, row.successorId)))) {
    return { outcome: 'repeated', session, token: successorOf(token, row.successorNonce) };
  }
  await endSession(tx, session.id, 'token reused', now);
  return { outcome: 'reused', sessionId: session.id, userId: session.userId };
}

async function isUnused(tx: SystemTx, id: string | null): Promise<boolean> {
  if (!id) return false;
  const row = await tx.selectFrom('refreshTokens').select('usedAt').where('id', '=', id).executeTakeFirst();
  return row !== undefined && row.usedAt === null;
}

/** The session that a refresh token belongs to, whether or not the token was used. */
export const findSessionByToken = (tx: SystemTx, token: string): Promise<SessionRow | undefined> =>
  tx
    .selectFrom('sessions')
    .select(columns)
    .where('id', '=', (eb) =>
      eb.selectFrom('refreshTokens').select('sessionId').where('tokenHash', '=', hashToken(token)),
    )
    .executeTakeFirst();

export const findSession = (tx: SystemTx, id: string): Promise<SessionRow | undefined> =>
  tx.selectFrom('sessions').select(columns).where('id', '=', id).executeTakeFirst();

/** Ends one session; false where it had ended or is none of this person's. */
export async function endSession(
  tx: SystemTx,
  id: string,
  reason: string,
  now: Date,
  ofUser?: string,
): Promise<boolean> {
  let update = tx
    .updateTable('sessions')
    .set({ endedAt: now, endReason: reason })
    .where('id', '=', id)
    .where('endedAt', 'is', null);
  if (ofUser) update = update.where('userId', '=', ofUser);
  return (await update.executeTakeFirst()).numUpdatedRows > 0n;
}

/** Ends a person's sessions, but for one they go on with; returns the ids of those that ended. */
export async function endSessionsOf(
  tx: SystemTx,
  userId: string,
  reason: string,
  now: Date,
  butFor?: string,
): Promise<string[]> {
  let update = tx
    .updateTable('sessions')
    .set({ endedAt: now, endReason: reason })
    .where('userId', '=', userId)
    .where('endedAt', 'is', null);
  if (butFor) update = update.where('id', '<>', butFor);
  return (await update.returning('id').execute()).map(({ id }) => id);
}

/** A person's open sessions, the last used first. */
export const listSessions = (tx: SystemTx, userId: string, now: Date): Promise<SessionRow[]> =>
  tx
    .selectFrom('sessions')
    .select(columns)
    .where('userId', '=', userId)
    .where('endedAt', 'is', null)
    .where('expiresAt', '>', now)
    .orderBy('lastSeenAt', 'desc')
    .execute();

/** The session has shown a second factor. */
export async function markSecondFactor(tx: SystemTx, sessionId: string, now: Date): Promise<void> {
  await tx.updateTable('sessions').set({ mfaAt: now }).where('id', '=', sessionId).execute();
}

/** Notes that a session is in use. */
export async function touchSession(tx: SystemTx, sessionId: string, now: Date): Promise<void> {
  await tx.updateTable('sessions').set({ lastSeenAt: now }).where('id', '=', sessionId).execute();
}

/** Removes what sign-in needs no more: sessions and links a month after their end, what keys never answered, old counts of failures. For a daily sweep. */
export async function purgeSignIn(tx: SystemTx, now: Date): Promise<void> {
  const monthAgo = new Date(now.getTime() - 30 * dayMs);
  await tx.deleteFrom('sessions').where('expiresAt', '<', monthAgo).execute();
  await tx.deleteFrom('sessions').where('endedAt', '<', monthAgo).execute();
  // A used token must be known as long as it could be presented again: while its session can live on without it.
  await tx.deleteFrom('refreshTokens').where('usedAt', '<', monthAgo).execute();
  await tx.deleteFrom('passwordLinks').where('expiresAt', '<', monthAgo).execute();
  await tx.deleteFrom('keyChallenges').where('expiresAt', '<=', now).execute();
  await tx
    .deleteFrom('signInThrottle')
    .where('lastAt', '<', new Date(now.getTime() - 2 * dayMs))
    .execute();
}
