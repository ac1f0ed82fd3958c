import { type Selectable, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { DeliveryTry } from '#contracts/notifications/channels.ts';
import { deliveryPatienceMs } from '#contracts/notifications/plan-pages.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { readSettings } from '../settings/settings.ts';
import { askBreaker, closeBreaker, leaveProbe, noteTrouble } from './breakers.ts';
import type { ChannelRow } from './channels.ts';
import { incidentNumbers } from './open-incidents.ts';
import { contactKeyOf } from './page-people.ts';
import type { ContactsTable, DeliveriesTable, PagesTable } from './tables.ts';

export type DeliveryWork = Selectable<DeliveriesTable>;
export type PageRow = Selectable<PagesTable>;

/** Tries of one delivery that are kept. */
const mostTries = 50;
/** A message of which nobody knows whether it arrived is sent once more, and not again. */
const mostUnclear = 2;

export interface Attempt {
  delivery: DeliveryWork;
  /** What it names, the oldest first; several where it is a bundle. */
  pages: PageRow[];
  channel: ChannelRow | null;
  contact: Selectable<ContactsTable> | null;
  breakerKey: string;
  workspace: string;
  egressAllow: readonly string[];
  /** Of incidents it tells of, for replies. */
  numbers: Map<string, number>;
}
export type Begun =
  | { state: 'over'; status: 'delivered' | 'failed' | 'canceled' }
  | { state: 'wait'; waitMs: number; why: string }
  | { state: 'try'; attempt: Attempt };

/**
 * Opens an attempt and writes it down before anything is sent, so that one whose end nobody wrote is seen by the next.
 * Waits where the provider's breaker is open; the person's next way is taken meanwhile.
 */
export async function beginAttempt(
  tx: TenantTx,
  id: string,
  now: number,
  { knowsRepeats }: { knowsRepeats: (kind: string) => boolean },
): Promise<Begun> {
  const delivery = await tx.selectFrom('deliveries').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (!delivery || delivery.status === 'waiting') return { state: 'over', status: 'canceled' };
  if (delivery.status !== 'sending') return { state: 'over', status: delivery.status };
  const unclear = delivery.tries.filter(({ outcome }) => outcome === 'begun' || outcome === 'unclear').length;
  if (unclear >= mostUnclear && !knowsRepeats(delivery.kind)) {
    await failDelivery(tx, delivery, {
      code: 'notify.outcome_unknown',
      message: 'It was sent twice and no answer came: it may have arrived, and is not sent a third time.',
    });
    return { state: 'over', status: 'failed' };
  }
  const began = delivery.begunAt?.getTime() ?? now;
  if (now - began > deliveryPatienceMs) {
    await failDelivery(
      tx,
      delivery,
      delivery.error ?? { code: 'notify.undelivered', message: 'It could not be handed over for a day.' },
    );
    return { state: 'over', status: 'failed' };
  }
  const [channel, contact] = await addressRows(tx, delivery);
  const breakerKey = breakerKeyOf(delivery, channel, contact);
  const waitMs = await askBreaker(tx, breakerKey, now);
  if (waitMs !== null) {
    await takeNextWays(tx, delivery);
    return { state: 'wait', waitMs, why: 'Its provider failed again and again, and is left alone for a while.' };
  }
  const begun: DeliveryTry = { at: new Date(now).toISOString(), outcome: 'begun', code: null, answer: null };
  await tx
    .updateTable('deliveries')
    .set({ attempts: sql<number>`attempts + 1`, tries: JSON.stringify([...delivery.tries, begun].slice(-mostTries)) })
    .where('id', '=', id)
    .execute();
  const pages = await pagesOf(tx, delivery);
  const space = await tx
    .selectFrom('workspaces')
    .select('name')
    .where('id', '=', sql<string>`current_setting('app.tenant_id')::uuid`)
    .executeTakeFirst();
  return {
    state: 'try',
    attempt: {
      delivery: { ...delivery, attempts: delivery.attempts + 1 },
      pages,
      channel,
      contact,
      breakerKey,
      workspace: space?.name ?? '',
      egressAllow: (await readSettings(tx)).egressAllow,
      numbers: await incidentNumbers(
        tx,
        pages.flatMap(({ incidentId }) => incidentId ?? []),
      ),
    },
  };
}

/** The channel it goes to or, for a person's number, the provider that carries it; and the person's own contact. */
async function addressRows(
  tx: TenantTx,
  { channelId, contactId, kind }: DeliveryWork,
): Promise<[ChannelRow | null, Selectable<ContactsTable> | null]> {
  const channels = tx.selectFrom('channels').selectAll();
  const channel =
    channelId !== null
      ? await channels.where('id', '=', channelId).executeTakeFirst()
      : kind === 'sms'
        ? await channels.where('kind', '=', 'sms').orderBy('createdAt').orderBy('id').limit(1).executeTakeFirst()
        : undefined;
  const contact =
    contactId === null
      ? undefined
      : await tx.selectFrom('contacts').selectAll().where('id', '=', contactId).executeTakeFirst();
  return [channel ?? null, contact ?? null];
}

/** What is broken together: the mail server, a channel, or the service behind a person's own address. */
export function breakerKeyOf(
  { kind, id }: Pick<DeliveryWork, 'kind' | 'id'>,
  channel: Pick<ChannelRow, 'id' | 'kind'> | null,
  contact: { shown: string } | null,
): string {
  if (kind === 'email' || kind === 'person') return 'mail';
  if (channel) return `channel:${channel.id}`;
  return contact ? `${kind}:${contact.shown}` : `${kind}:${id}`;
}

const pagesOf = (tx: TenantTx, { id }: DeliveryWork): Promise<PageRow[]> =>
  tx
    .selectFrom('pages as p')
    .innerJoin('deliveries as d', 'd.pageId', 'p.id')
    .selectAll('p')
    .where((eb) => eb.or([eb('d.id', '=', id), eb('d.bundledInto', '=', id)]))
    .orderBy('p.createdAt')
    .orderBy('p.id')
    .execute();

export interface Outcome {
  /** What the provider said, shortened. */
  answer: string | null;
  providerRef?: string | null;
  /** Null: it was taken. */
  failure: { code: string; message: string; isForGood: boolean; isUnclear: boolean } | null;
}

/** Writes how an attempt ended. @returns whether all is over with this delivery */
export async function endAttempt(
  tx: TenantTx,
  { delivery, breakerKey }: Pick<Attempt, 'delivery' | 'breakerKey'>,
  { answer, providerRef = null, failure }: Outcome,
  now: number,
): Promise<'delivered' | 'failed' | 'again'> {
  const row = await tx
    .selectFrom('deliveries')
    .selectAll()
    .where('id', '=', delivery.id)
    .forUpdate()
    .executeTakeFirst();
  if (!row || row.status !== 'sending') return row?.status === 'delivered' ? 'delivered' : 'failed';
  const outcome: DeliveryTry['outcome'] = failure ? (failure.isUnclear ? 'unclear' : 'failed') : 'delivered';
  const last = row.tries.findLastIndex((one) => one.outcome === 'begun');
  const tries = row.tries.map((one, at) =>
    at === last
      ? { ...one, outcome, code: failure?.code ?? null, answer: (failure?.message ?? answer)?.slice(0, 300) ?? null }
      : one,
  );
  await tx
    .updateTable('deliveries')
    .set({ tries: JSON.stringify(tries), providerRef })
    .where('id', '=', row.id)
    .execute();
  if (!failure) {
    await closeBreaker(tx, breakerKey);
    await settle(tx, row.id, 'delivered', null);
    return 'delivered';
  }
  const error = { code: failure.code, message: failure.message.slice(0, 300) };
  if (failure.isForGood) {
    // A wrong address says nothing of the provider.
    await leaveProbe(tx, breakerKey);
    await failDelivery(tx, row, error);
    return 'failed';
  }
  const isOpen = await noteTrouble(tx, breakerKey, failure.message, now);
  await tx
    .updateTable('deliveries')
    .set({ error: JSON.stringify(error) })
    .where('id', '=', row.id)
    .execute();
  if (isOpen || row.attempts >= 2) await takeNextWays(tx, row);
  return 'again';
}

/** Gives a delivery up: the person's next way is taken at once. */
export async function failDelivery(
  tx: TenantTx,
  delivery: DeliveryWork,
  error: { code: string; message: string },
): Promise<void> {
  await settle(tx, delivery.id, 'failed', error);
  await takeNextWays(tx, delivery);
}

async function settle(
  tx: TenantTx,
  id: string,
  status: 'delivered' | 'failed',
  error: { code: string; message: string } | null,
): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set({
      status,
      error: error && JSON.stringify(error),
      deliveredAt: status === 'delivered' ? sql<Date>`now()` : null,
    })
    .where((eb) => eb.or([eb('id', '=', id), eb('bundledInto', '=', id)]))
    .where('status', '=', 'sending')
    .execute();
  await appendEvent(tx, {
    type: 'notification.sent',
    subject: `delivery:${id}`,
    data: error ? { status, code: error.code } : { status },
  });
}

/**
 * A way to a person does not work just now: of each page it was to tell of, what would come later comes at once. Where nothing
 * comes later and nothing else was tried, the mail of the account is.
 */
async function takeNextWays(tx: TenantTx, delivery: DeliveryWork): Promise<void> {
  if (delivery.personId === null) return;
  for (const page of await pagesOf(tx, delivery)) {
    const next = await tx
      .updateTable('deliveries')
      .set({ dueAt: sql<Date>`least(due_at, now())` })
      .where('id', '=', (eb) =>
        eb
          .selectFrom('deliveries')
          .select('id')
          .where('pageId', '=', page.id)
          .where('status', '=', 'waiting')
          .where('isHeld', '=', false)
          .orderBy('ordinal')
          .limit(1),
      )
      .returning('id')
      .executeTakeFirst();
    if (!next && delivery.contactId !== null) await insertFallback(tx, delivery, page);
  }
  await appendEvent(tx, { type: 'notification.due', subject: null, data: { recipients: 1 } });
}

async function insertFallback(tx: TenantTx, delivery: DeliveryWork, page: PageRow): Promise<void> {
  const others = await tx
    .selectFrom('deliveries')
    .select(['status', 'contactId'])
    .where('pageId', '=', page.id)
    .where('personId', '=', delivery.personId)
    .execute();
  if (others.some(({ status, contactId }) => status === 'delivered' || contactId === null)) return;
  const person = await tx
    .selectFrom('members as m')
    .innerJoin('users as u', 'u.id', 'm.userId')
    .select(['u.id', 'u.name', 'u.email'])
    .where('u.id', '=', delivery.personId)
    .executeTakeFirst();
  if (!person) return;
  await tx
    .insertInto('deliveries')
    .values({
      id: uuidv7(),
      key: `page/${page.dedupKey}/person:${person.id}/mail`,
      channelId: null,
      channel: person.name,
      kind: 'email',
      target: person.email,
      runId: null,
      stepAddress: null,
      subject: page.subject,
      status: 'waiting',
      attempts: 0,
      error: null,
      deliveredAt: null,
      pageId: page.id,
      personId: person.id,
      contactId: null,
      incidentId: page.incidentId,
      contactKey: contactKeyOf(person.id, null),
      dueAt: sql<Date>`now()`,
      ordinal: 99,
    })
    .onConflict((conflict) => conflict.constraint('deliveries_once').doNothing())
    .execute();
}

/** What a provider says later of a message that it took. One that it could not hand over has failed after all. */
export async function noteSmsStatus(
  tx: TenantTx,
  ref: string,
  status: string,
  errorCode: string | null,
): Promise<void> {
  const isLost = status === 'undelivered' || status === 'failed';
  const message = `The provider says: ${status}${errorCode === null ? '' : ` (${errorCode})`}.`;
  const changed = await tx
    .updateTable('deliveries')
    .set({
      tries: sql<string>`jsonb_set(tries, array[greatest(0, jsonb_array_length(tries) - 1)::text, 'answer'], to_jsonb(${status.slice(0, 60)}::text))`,
      ...(isLost && {
        status: 'failed' as const,
        deliveredAt: null,
        error: JSON.stringify({ code: 'notify.undelivered', message }),
      }),
    })
    .where('providerRef', '=', ref)
    .returningAll()
    .executeTakeFirst();
  if (!changed) return;
  if (isLost) await takeNextWays(tx, changed);
  await appendEvent(tx, {
    type: 'notification.sent',
    subject: `delivery:${changed.id}`,
    data: { status: isLost ? 'failed' : 'delivered', said: status.slice(0, 60) },
  });
}
