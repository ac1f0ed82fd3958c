import type { SystemTx } from '../kit/database.ts';
import { listSecurityKeys } from './security-keys.ts';

export interface SecondFactorRow {
  sealedSecret: string;
  confirmedAt: Date | null;
  lastStep: number | null;
}

export const findSecondFactor = (tx: SystemTx, userId: string): Promise<SecondFactorRow | undefined> =>
  tx
    .selectFrom('secondFactors')
    .select(['sealedSecret', 'confirmedAt', 'lastStep'])
    .where('userId', '=', userId)
    .executeTakeFirst();

/** Puts a secret down that is not on yet; a former unconfirmed one is replaced. */
export async function offerSecondFactor(tx: SystemTx, userId: string, sealedSecret: string): Promise<void> {
  await tx
    .insertInto('secondFactors')
    .values({ userId, sealedSecret, confirmedAt: null })
    .onConflict((conflict) =>
      conflict
        .column('userId')
        .doUpdateSet({ sealedSecret, lastStep: null })
        .where('secondFactors.confirmedAt', 'is', null),
    )
    .execute();
}

/**
 * Takes the time step of a good code, so that the code is good once.
 * @returns false where this step or a later one was taken already
 */
export async function takeStep(tx: SystemTx, userId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('secondFactors')
    .set({ lastStep: step })
    .where('userId', '=', userId)
    .where((eb) => eb.or([eb('lastStep', 'is', null), eb('lastStep', '<', step)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The app's code was shown: it counts from here. */
export async function confirmApp(tx: SystemTx, userId: string, now: Date): Promise<void> {
  await tx.updateTable('secondFactors').set({ confirmedAt: now }).where('userId', '=', userId).execute();
}

export async function removeApp(tx: SystemTx, userId: string): Promise<void> {
  await tx.deleteFrom('secondFactors').where('userId', '=', userId).execute();
}

/** Whoever gains or loses a factor does it in turn: two that go at once must not each see the other. */
const holdPerson = (tx: SystemTx, userId: string): Promise<unknown> =>
  tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().executeTakeFirst();

/**
 * A person gets a factor, and with their first one recovery codes. Called before the factor is put down.
 * @returns whether it is the first; recovery codes they had stay good
 */
export async function beginSecondFactor(tx: SystemTx, userId: string, codeHashes: readonly string[]): Promise<boolean> {
  await holdPerson(tx, userId);
  const { numUpdatedRows } = await tx
    .updateTable('users')
    .set({ hasSecondFactor: true })
    .where('id', '=', userId)
    .where('hasSecondFactor', '=', false)
    .executeTakeFirst();
  const isFirst = numUpdatedRows > 0n;
  if (isFirst) await replaceRecoveryCodes(tx, userId, codeHashes);
  return isFirst;
}

/**
 * After one factor went: with the last one the rest goes as well.
 * @returns whether that was the last
 */
export async function endSecondFactor(tx: SystemTx, userId: string): Promise<boolean> {
  await holdPerson(tx, userId);
  const isAppOn = Boolean((await findSecondFactor(tx, userId))?.confirmedAt);
  if (isAppOn || (await listSecurityKeys(tx, userId)).length > 0) return false;
  await removeSecondFactor(tx, userId);
  return true;
}

/** Turns it off, app and keys; the recovery codes go with it, and no session counts as having shown it. */
export async function removeSecondFactor(tx: SystemTx, userId: string): Promise<void> {
  await tx.deleteFrom('recoveryCodes').where('userId', '=', userId).execute();
  await tx.deleteFrom('secondFactors').where('userId', '=', userId).execute();
  await tx.deleteFrom('securityKeys').where('userId', '=', userId).execute();
  await tx.deleteFrom('keyChallenges').where('userId', '=', userId).execute();
  await tx.updateTable('sessions').set({ mfaAt: null }).where('userId', '=', userId).execute();
  await tx.updateTable('users').set({ hasSecondFactor: false }).where('id', '=', userId).execute();
}

export async function replaceRecoveryCodes(tx: SystemTx, userId: string, codeHashes: readonly string[]): Promise<void> {
  await tx.deleteFrom('recoveryCodes').where('userId', '=', userId).execute();
  await tx
    .insertInto('recoveryCodes')
    .values(codeHashes.map((codeHash) => ({ userId, codeHash })))
    .execute();
}

/** Uses a recovery code up; false where there is none such or it was used before. */
export async function takeRecoveryCode(tx: SystemTx, userId: string, codeHash: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('recoveryCodes')
    .set({ usedAt: now })
    .where('userId', '=', userId)
    .where('codeHash', '=', codeHash)
    .where('usedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function countRecoveryCodes(tx: SystemTx, userId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('recoveryCodes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('userId', '=', userId)
    .where('usedAt', 'is', null)
    .executeTakeFirstOrThrow();
  return count;
}
