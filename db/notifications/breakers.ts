import type { Selectable } from 'kysely';
import type { Breaker } from '#contracts/notifications/channels.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import type { DeliveryBreakersTable } from './tables.ts';

/** So many troubles in a row open it. */
export const opensAfter = 5;
const firstWaitMs = 30_000;
const longestWaitMs = 5 * 60_000;
/** One that tries and is never heard of again does not hold the others for longer. */
const probeMs = 2 * 60_000;

type Row = Selectable<DeliveryBreakersTable>;

/**
 * Asks whether a delivery may try. While the breaker is open none may; once its wait is over, one may, as a probe.
 * @returns null: it may try; else in how many milliseconds to ask again
 */
export async function askBreaker(tx: TenantTx, key: string, now: number): Promise<number | null> {
  const row = await tx.selectFrom('deliveryBreakers').selectAll().where('key', '=', key).forUpdate().executeTakeFirst();
  if (!row?.openedAt) return null;
  const waitMs = (row.retryAt?.getTime() ?? 0) - now;
  if (waitMs > 0) return waitMs;
  const probingMs = (row.probingUntil?.getTime() ?? 0) - now;
  if (probingMs > 0) return Math.min(probingMs, 5_000);
  await tx
    .updateTable('deliveryBreakers')
    .set({ probingUntil: new Date(now + probeMs) })
    .where('key', '=', key)
    .execute();
  return null;
}

/** Something passed: the breaker is closed. */
export async function closeBreaker(tx: TenantTx, key: string): Promise<void> {
  const closed = await tx
    .updateTable('deliveryBreakers')
    .set({ failures: 0, timesOpened: 0, openedAt: null, retryAt: null, probingUntil: null, updatedAt: new Date() })
    .where('key', '=', key)
    .where((eb) => eb.or([eb('failures', '>', 0), eb('openedAt', 'is not', null)]))
    .returning('key')
    .executeTakeFirst();
  if (closed) await appendEvent(tx, { type: 'notification.breaker_changed', data: { key, state: 'closed' } });
}

/** The provider was away, busy or broken. @returns whether the breaker is open now */
export async function noteTrouble(tx: TenantTx, key: string, error: string, now: number): Promise<boolean> {
  const before = await tx
    .insertInto('deliveryBreakers')
    .values({ key, openedAt: null, retryAt: null, probingUntil: null, lastError: error.slice(0, 300) })
    .onConflict((conflict) =>
      conflict
        .columns(['workspaceId', 'key'])
        .doUpdateSet({ lastError: error.slice(0, 300), updatedAt: new Date(now) }),
    )
    .returningAll()
    .executeTakeFirstOrThrow();
  const failures = before.failures + 1;
  const isOpen = before.openedAt !== null || failures >= opensAfter;
  const timesOpened = isOpen ? before.timesOpened + 1 : before.timesOpened;
  await tx
    .updateTable('deliveryBreakers')
    .set({
      failures,
      timesOpened,
      probingUntil: null,
      ...(isOpen && {
        openedAt: before.openedAt ?? new Date(now),
        retryAt: new Date(now + Math.min(longestWaitMs, firstWaitMs * 2 ** (timesOpened - 1))),
      }),
    })
    .where('key', '=', key)
    .execute();
  if (isOpen && before.openedAt === null)
    await appendEvent(tx, { type: 'notification.breaker_changed', data: { key, state: 'open' } });
  return isOpen;
}

/** A delivery that was to try, and now does not say anything of the provider: the next one may. */
export const leaveProbe = async (tx: TenantTx, key: string): Promise<void> => {
  await tx.updateTable('deliveryBreakers').set({ probingUntil: null }).where('key', '=', key).execute();
};

const showBreaker = ({ key, failures, openedAt, retryAt, probingUntil, lastError }: Row): Breaker => ({
  key,
  state:
    openedAt === null ? 'closed' : probingUntil !== null && probingUntil.getTime() > Date.now() ? 'half_open' : 'open',
  failures,
  lastError,
  openedAt: openedAt?.toISOString() ?? null,
  retryAt: retryAt?.toISOString() ?? null,
});

/** The breakers that have something to tell, by key. */
export async function listBreakers(tx: TenantTx): Promise<Map<string, Breaker>> {
  const rows = await tx.selectFrom('deliveryBreakers').selectAll().where('failures', '>', 0).execute();
  return new Map(rows.map((row) => [row.key, showBreaker(row)]));
}
