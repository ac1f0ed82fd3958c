import { v7 as uuidv7 } from 'uuid';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { SystemTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { hashToken, newToken } from './tokens.ts';

/** So many links an hour for one person: more would only fill their mailbox. */
const mostAnHour = 3;
const hourMs = 3_600_000;

export interface PasswordLink {
  id: string;
  userId: string;
  expiresAt: Date;
  removesFactor: boolean;
}

/** Makes a link to a new password; former ones of the same kind stop. Only the token's hash is kept. */
export async function makePasswordLink(
  tx: SystemTx,
  {
    userId,
    madeBy,
    removesFactor,
    lastsMs,
    now,
  }: { userId: string; madeBy: ActorRef | null; removesFactor: boolean; lastsMs: number; now: Date },
): Promise<{ token: string; expiresAt: Date }> {
  // Anybody can ask by mail: that must not void what an administrator handed over.
  await endPasswordLinks(tx, userId, now, { onlyAsked: madeBy === null });
  const token = newToken();
  const expiresAt = new Date(now.getTime() + lastsMs);
  await tx
    .insertInto('passwordLinks')
    .values({
      id: uuidv7(),
      userId,
      tokenHash: hashToken(token),
      madeBy: madeBy && JSON.stringify(madeBy),
      removesFactor,
      createdAt: now,
      expiresAt,
    })
    .execute();
  return { token, expiresAt };
}

/** Whether this person has asked for as many links as one gets in an hour. */
export async function hasAskedEnough(tx: SystemTx, userId: string, now: Date): Promise<boolean> {
  const { asked } = await tx
    .selectFrom('passwordLinks')
    .select((eb) => eb.fn.countAll<string>().as('asked'))
    .where('userId', '=', userId)
    .where('madeBy', 'is', null)
    .where('createdAt', '>', new Date(now.getTime() - hourMs))
    .executeTakeFirstOrThrow();
  return Number(asked) >= mostAnHour;
}

/** The link behind a token; refused where it was used, replaced or has expired. `forUse` keeps a twin waiting. */
export async function findPasswordLink(
  tx: SystemTx,
  token: string,
  now: Date,
  { forUse = false }: { forUse?: boolean } = {},
): Promise<PasswordLink> {
  let query = tx
    .selectFrom('passwordLinks')
    .select(['id', 'userId', 'expiresAt', 'removesFactor'])
    .where('tokenHash', '=', hashToken(token))
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', now);
  if (forUse) query = query.forUpdate();
  const found = await query.executeTakeFirst();
  if (!found) throw new Refusal('identity.password_link_gone');
  return found;
}

/** No link of this person works any more, or none that was asked for by mail. */
export async function endPasswordLinks(
  tx: SystemTx,
  userId: string,
  now: Date,
  { onlyAsked = false }: { onlyAsked?: boolean } = {},
): Promise<void> {
  let update = tx
    .updateTable('passwordLinks')
    .set({ usedAt: now })
    .where('userId', '=', userId)
    .where('usedAt', 'is', null);
  if (onlyAsked) update = update.where('madeBy', 'is', null);
  await update.execute();
}
