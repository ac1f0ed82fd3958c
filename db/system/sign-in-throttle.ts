import { createHash } from 'node:crypto';
import type { SystemTx } from '../kit/database.ts';

/** So many failures are free; from then on each locks, twice as long as the one before. */
export interface ThrottleRule {
  readonly free: number;
  readonly firstLockMs: number;
  readonly longestLockMs: number;
}
export const accountRule: ThrottleRule = { free: 5, firstLockMs: 30_000, longestLockMs: 15 * 60_000 };
export const addressRule: ThrottleRule = { free: 30, firstLockMs: 30_000, longestLockMs: 15 * 60_000 };
/** Failures are forgotten after a day without one. */
const forgetMs = 86_400_000;

/** An account is counted whether or not it exists, so that a lock tells nothing. */
export const accountKey = (email: string): string =>
  `account:${createHash('sha256').update(email.trim().toLowerCase()).digest('base64url')}`;
export const addressKey = (address: string): string => `address:${address}`;

/**
 * Counts an attempt before it is made, so that many at once are no more than many in a row; a good one is taken back
 * by `clearAttempts`.
 * @returns milliseconds until the next attempt is allowed; 0: go ahead
 */
export async function countAttempt(tx: SystemTx, key: string, rule: ThrottleRule, now: Date): Promise<number> {
  const added = await tx
    .insertInto('signInThrottle')
    .values({ key, failures: 1, lockedUntil: lockAfter(1, rule, now), lastAt: now })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (added) return 0;
  const row = await tx.selectFrom('signInThrottle').selectAll().where('key', '=', key).forUpdate().executeTakeFirst();
  if (row?.lockedUntil && row.lockedUntil > now) return row.lockedUntil.getTime() - now.getTime();
  const known = row && now.getTime() - row.lastAt.getTime() < forgetMs ? row.failures : 0;
  const failures = known + 1;
  await tx
    .updateTable('signInThrottle')
    .set({ failures, lockedUntil: lockAfter(failures, rule, now), lastAt: now })
    .where('key', '=', key)
    .execute();
  return 0;
}

function lockAfter(failures: number, { free, firstLockMs, longestLockMs }: ThrottleRule, now: Date): Date | null {
  if (failures < free) return null;
  return new Date(now.getTime() + Math.min(longestLockMs, firstLockMs * 2 ** Math.min(failures - free, 20)));
}

/** A good attempt: the count begins anew. */
export async function clearAttempts(tx: SystemTx, key: string): Promise<void> {
  await tx.deleteFrom('signInThrottle').where('key', '=', key).execute();
}

/** An attempt that was neither good nor bad (the password was right, the code is still to come) does not count. */
export async function uncountAttempt(tx: SystemTx, key: string): Promise<void> {
  await tx
    .updateTable('signInThrottle')
    .set((eb) => ({ failures: eb.fn<number>('greatest', [eb('failures', '-', 1), eb.lit(0)]), lockedUntil: null }))
    .where('key', '=', key)
    .execute();
}
