import { createHash, randomInt } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';
import type { SystemTx } from '#db/kit/database.ts';
import { findSecondFactor, takeRecoveryCode, takeStep } from '#db/system/second-factors.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';

const periodSeconds = 30;
const contextOf = (userId: string): SealContext => ({
  workspaceId: 'instance',
  purpose: 'secret',
  subject: `second factor ${userId}`,
});

/** A new secret for an authenticator app: to show once, and sealed to keep. */
export async function newFactorSecret(
  vault: Vault,
  user: { id: string; email: string },
): Promise<{ secret: string; otpauthUrl: string; sealed: string }> {
  const secret = generateSecret();
  return {
    secret,
    otpauthUrl: generateURI({ issuer: 'Windlass', label: user.email, secret }),
    sealed: await vault.seal(secret, contextOf(user.id)),
  };
}

/** Digits and letters as typed, without blanks and dashes. */
const plain = (code: string): string => code.replace(/[\s-]/g, '').toUpperCase();

/**
 * Checks a code of the app and takes it, so that it is good once; also where it is being set up.
 * One step of 30 s to either side is allowed, for clocks that are not exact.
 */
export async function takeAppCode(
  tx: SystemTx,
  vault: Vault,
  userId: string,
  code: string,
  now: Date,
): Promise<boolean> {
  const factor = await findSecondFactor(tx, userId);
  const token = plain(code);
  if (!factor || !/^\d{6}$/.test(token)) return false;
  const secret = (await vault.open(factor.sealedSecret, contextOf(userId))).reveal();
  const result = verifySync({
    secret,
    token,
    epoch: Math.floor(now.getTime() / 1_000),
    epochTolerance: periodSeconds,
    period: periodSeconds,
  });
  if (!result.valid || !('timeStep' in result)) return false;
  return takeStep(tx, userId, result.timeStep);
}

/** Checks a code of the app, or a recovery code, and uses it up. */
export async function takeCode(tx: SystemTx, vault: Vault, userId: string, code: string, now: Date): Promise<boolean> {
  const token = plain(code);
  if (/^\d{6}$/.test(token)) {
    // An app that was offered and never confirmed is no factor, though there may be a key.
    const isOn = (await findSecondFactor(tx, userId))?.confirmedAt;
    return isOn ? takeAppCode(tx, vault, userId, code, now) : false;
  }
  return takeRecoveryCode(tx, userId, hashRecoveryCode(token), now);
}

/** Without letters and digits that look alike. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const codeLength = 16;

/** Ten recovery codes of 80 bits: to show once, and their hashes to keep. */
export function newRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const raw = Array.from({ length: 10 }, () =>
    Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join(''),
  );
  return { codes: raw.map((code) => (code.match(/.{4}/g) ?? []).join('-')), hashes: raw.map(hashRecoveryCode) };
}

const hashRecoveryCode = (code: string): string =>
  createHash('sha256')
    .update(`recovery\0${plain(code)}`)
    .digest('base64url');
