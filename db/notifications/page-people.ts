import { v7 as uuidv7 } from 'uuid';
import { NotificationPreferences, type PlannedDelivery, planPages } from '#contracts/notifications/plan-pages.ts';
import type { Page, PageAnswer } from '#contracts/notifications/page.ts';
import type { EscalationTarget } from '#contracts/oncall/escalation.ts';
import { formatDuration } from '#contracts/kit/duration.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { dutyOf, listDutyPeople } from '../oncall/oncall-schedules.ts';
import type { ChannelRow } from './channels.ts';

interface Reached {
  person?: { id: string; name: string; email: string };
  channel?: ChannelRow;
  /** The schedule by which a person was found. */
  by?: string;
}

/**
 * Writes down who is to be told what and when, in the caller's transaction; each delivery becomes a run once it is due. The
 * same `dedupKey` tells each recipient once, whatever calls again; a person named twice is told once.
 */
export async function pagePeople(tx: TenantTx, page: Page): Promise<PageAnswer> {
  const answer: PageAnswer = { told: [], unreached: [] };
  const people = await listDutyPeople(tx);
  const seen = new Set<string>();
  for (const target of page.targets) {
    const found = await resolve(tx, target, people, page.at.getTime());
    if ('why' in found) {
      answer.unreached.push({ target, why: found.why });
      continue;
    }
    const { person, channel, by } = found;
    const key = person ? `person:${person.id}` : `channel:${channel?.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const pageId = await insertPage(tx, page, key, { personId: person?.id ?? null, channelId: channel?.id ?? null });
    const ways = person ? await planFor(tx, person, page) : [];
    if (pageId && person) await insertToPerson(tx, page, pageId, person, ways);
    if (pageId && channel) await insertToChannel(tx, page, pageId, channel);
    answer.told.push({
      personId: person?.id ?? null,
      channelId: channel?.id ?? null,
      name: person?.name ?? channel?.name ?? '',
      how: [by && `on call by ${by}`, person ? waysInWords(ways) : 'channel'].filter(Boolean).join(', '),
    });
  }
  if (answer.told.length > 0)
    await appendEvent(tx, {
      type: 'notification.due',
      subject: page.incidentId === null ? null : `incident:${page.incidentId}`,
      data: { recipients: answer.told.length },
    });
  return answer;
}

async function resolve(
  tx: TenantTx,
  target: EscalationTarget,
  people: Awaited<ReturnType<typeof listDutyPeople>>,
  at: number,
): Promise<Reached | { why: string }> {
  if (target.kind === 'channel') {
    const channel = await tx.selectFrom('channels').selectAll().where('id', '=', target.id).executeTakeFirst();
    return channel ? { channel } : { why: 'The channel is not there any more.' };
  }
  if (target.kind === 'person') {
    const person = people.find(({ id }) => id === target.id);
    return person ? { person } : { why: 'The person is no member any more.' };
  }
  const schedule = await tx.selectFrom('oncallSchedules').selectAll().where('id', '=', target.id).executeTakeFirst();
  if (!schedule) return { why: 'The schedule is not there any more.' };
  const { spans } = await dutyOf(tx, schedule, { from: at, to: at + 1 }, people);
  const person = people.find(({ id }) => id === spans[0]?.personId);
  return person ? { person, by: schedule.name } : { why: `Nobody is on call by ${schedule.name}.` };
}

/** @returns null where this recipient was told of it before */
async function insertPage(
  tx: TenantTx,
  { dedupKey, incidentId, severity, subject, text, path, acts, isUrgent, at }: Page,
  recipient: string,
  to: { personId: string | null; channelId: string | null },
): Promise<string | null> {
  const row = await tx
    .insertInto('pages')
    .values({
      id: uuidv7(),
      dedupKey,
      recipient,
      ...to,
      incidentId,
      severity,
      subject: subject.slice(0, 300),
      text: text.slice(0, 4_000),
      path,
      acts: [...acts],
      isUrgent,
      createdAt: at,
    })
    .onConflict((conflict) => conflict.constraint('pages_once').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

type Way = PlannedDelivery & { kind: 'email' | 'slack' | 'sms'; shown: string; label: string };

async function planFor(tx: TenantTx, person: { id: string; email: string }, page: Page): Promise<Way[]> {
  const contacts = await tx
    .selectFrom('contacts')
    .select(['id', 'kind', 'shown', 'label'])
    .where('personId', '=', person.id)
    .where('verifiedAt', 'is not', null)
    .execute();
  const planned = planPages(await readPreferences(tx, person.id), new Set(contacts.map(({ id }) => id)), {
    severity: page.severity,
    isUrgent: page.isUrgent,
    at: page.at.getTime(),
  });
  return planned.map((step) => {
    const contact = contacts.find(({ id }) => id === step.contactId);
    return {
      ...step,
      kind: contact?.kind ?? 'email',
      shown: contact?.shown ?? person.email,
      label: contact?.label ?? 'mail',
    };
  });
}

/** A person's wishes; where there are none, mail at once. */
export async function readPreferences(tx: TenantTx, personId: string): Promise<NotificationPreferences> {
  const row = await tx
    .selectFrom('notificationPreferences')
    .select('preferences')
    .where('personId', '=', personId)
    .executeTakeFirst();
  return NotificationPreferences.parse(row?.preferences ?? {});
}

/** What is counted and bundled as one contact. */
export const contactKeyOf = (personId: string, contactId: string | null): string =>
  `${personId}/${contactId ?? 'mail'}`;

async function insertToPerson(
  tx: TenantTx,
  page: Page,
  pageId: string,
  person: { id: string; name: string },
  ways: readonly Way[],
): Promise<void> {
  await tx
    .insertInto('deliveries')
    .values(
      ways.map(({ contactId, dueAt, isHeld, isOnlyIfOpen, kind, shown }, ordinal) => ({
        ...shared(page, pageId, `person:${person.id}/${contactId ?? 'mail'}`),
        channel: person.name,
        kind,
        target: shown,
        personId: person.id,
        contactId,
        contactKey: contactKeyOf(person.id, contactId),
        dueAt: new Date(dueAt),
        ordinal,
        isHeld,
        isOnlyIfOpen,
      })),
    )
    .onConflict((conflict) => conflict.constraint('deliveries_once').doNothing())
    .execute();
}

async function insertToChannel(tx: TenantTx, page: Page, pageId: string, channel: ChannelRow): Promise<void> {
  // Each address of a list is one message; all others of a channel are reached at one address.
  const targets =
    channel.kind === 'email' || channel.kind === 'sms' ? channel.recipients : [hostOf(channel.url) ?? channel.name];
  if (targets.length === 0) return;
  await tx
    .insertInto('deliveries')
    .values(
      targets.map((target) => ({
        ...shared(page, pageId, `channel:${channel.id}/${target}`),
        channelId: channel.id,
        channel: channel.name,
        kind: channel.kind,
        target,
        contactKey: `${channel.id}/${target}`,
        dueAt: page.at,
      })),
    )
    .onConflict((conflict) => conflict.constraint('deliveries_once').doNothing())
    .execute();
}

const shared = ({ dedupKey, incidentId, subject }: Page, pageId: string, to: string) => ({
  id: uuidv7(),
  key: `page/${dedupKey}/${to}`,
  channelId: null,
  runId: null,
  stepAddress: null,
  subject: subject.slice(0, 300),
  status: 'waiting' as const,
  attempts: 0,
  error: null,
  deliveredAt: null,
  pageId,
  incidentId,
});

const hostOf = (url: string | null): string | null => (url !== null && URL.canParse(url) ? new URL(url).host : url);

/** `mail at once, Phone after 5m, held until the quiet hours end`. */
const waysInWords = (ways: readonly Way[]): string =>
  ways
    .map(({ label, afterMs, isHeld }) =>
      isHeld
        ? `${label} after quiet hours`
        : `${label} ${afterMs === 0 ? 'at once' : `after ${formatDuration(afterMs)}`}`,
    )
    .join(', ');
