import { sql } from 'kysely';
import { windlass } from '#contracts/kit/windlass-actor.ts';
import { DeliverNotification, type DeliverNotificationInput } from '#contracts/notifications/deliver-notification.ts';
import { mostPerMinute, throttleWindowMs } from '#contracts/notifications/plan-pages.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { runInputContext } from '../playbooks/start-playbook-run.ts';
import { type RunRef, insertRun, newRunId } from '../runs/insert-run.ts';
import { appendEvent } from '../events/append-event.ts';
import { openIncidents } from './open-incidents.ts';

/** So many messages begin in one transaction. */
export const mostAtOnce = 500;

interface Due {
  id: string;
  channel: string;
  subject: string;
  contactKey: string;
  isHeld: boolean;
  isOnlyIfOpen: boolean;
  incidentId: string | null;
}

/**
 * Begins what is due in this workspace: each message becomes a run. What quiet hours held back for one contact goes out as one
 * message, and so does what would be more than five in a minute.
 * @returns the runs to be started after the commit, and how many messages were looked at
 */
export async function beginDue(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
): Promise<{ runs: RunRef[]; looked: number }> {
  // One at a time: two that count what went out in the last minute would both find room.
  await sql`select pg_advisory_xact_lock(hashtextextended('deliveries:' || current_setting('app.tenant_id'), 0))`.execute(
    tx,
  );
  const looked = (await tx
    .selectFrom('deliveries')
    .select(['id', 'channel', 'subject', 'contactKey', 'isHeld', 'isOnlyIfOpen', 'incidentId'])
    .where('status', '=', 'waiting')
    .where('dueAt', '<=', sql<Date>`now()`)
    .where('contactKey', 'is not', null)
    .where(sql<boolean>`contact_key <> all (${withoutRoom})`)
    .orderBy('dueAt')
    .orderBy('id')
    .limit(mostAtOnce)
    .forUpdate()
    .execute()) as Due[];
  const due = await cancelNeedless(tx, looked);
  const byContact = Map.groupBy(due, ({ contactKey }) => contactKey);
  const sent = await sentLately(tx, [...byContact.keys()]);
  const runs: RunRef[] = [];
  for (const [contact, waiting] of byContact)
    for (const bundle of bundlesOf(waiting, mostPerMinute - (sent.get(contact) ?? 0)))
      runs.push(await beginOne(tx, vault, workspaceId, bundle));
  return { runs, looked: looked.length };
}

/** How what is due for one contact goes out, where so many messages may: held ones together, the last takes what is too many. */
export function bundlesOf<T extends { isHeld: boolean }>(due: readonly T[], room: number): T[][] {
  if (room <= 0) return [];
  const held = due.filter(({ isHeld }) => isHeld);
  const bundles = [...(held.length > 0 ? [held] : []), ...due.filter(({ isHeld }) => !isHeld).map((one) => [one])];
  return bundles.length <= room ? bundles : [...bundles.slice(0, room - 1), bundles.slice(room - 1).flat()];
}

/** What is sent only while nobody has answered is given up where somebody has. */
async function cancelNeedless(tx: TenantTx, due: Due[]): Promise<Due[]> {
  const asked = due.filter(({ isOnlyIfOpen, incidentId }) => isOnlyIfOpen && incidentId !== null);
  if (asked.length === 0) return due;
  const open = await openIncidents(tx, [...new Set(asked.map(({ incidentId }) => incidentId ?? ''))]);
  const needless = new Set(asked.filter(({ incidentId }) => !open.has(incidentId ?? '')).map(({ id }) => id));
  if (needless.size === 0) return due;
  await tx
    .updateTable('deliveries')
    .set({
      status: 'canceled',
      error: JSON.stringify({ code: 'notify.not_needed', message: 'Somebody had answered by then.' }),
    })
    .where('id', 'in', [...needless])
    .execute();
  return due.filter(({ id }) => !needless.has(id));
}

/** Contacts that have had their messages of this minute: thousands that wait for one of them hold up nobody else's. */
const withoutRoom = sql`array(
  select w.contact_key from (select distinct contact_key from deliveries
    where status = 'waiting' and due_at <= now() and contact_key is not null) w
  where (select count(*) from (select from deliveries s where s.contact_key = w.contact_key and s.bundled_into is null
    and s.begun_at > now() - make_interval(secs => ${throttleWindowMs / 1_000}) limit ${mostPerMinute}) lately) >= ${mostPerMinute})`;

async function sentLately(tx: TenantTx, contacts: readonly string[]): Promise<Map<string, number>> {
  if (contacts.length === 0) return new Map();
  const rows = await tx
    .selectFrom('deliveries')
    .select(['contactKey', sql<number>`count(*)::int`.as('sent')])
    .where('contactKey', 'in', [...contacts])
    .where('begunAt', '>', sql<Date>`now() - make_interval(secs => ${throttleWindowMs / 1_000})`)
    .where('bundledInto', 'is', null)
    .groupBy('contactKey')
    .execute();
  return new Map(rows.map(({ contactKey, sent }) => [contactKey ?? '', sent]));
}

async function beginOne(tx: TenantTx, vault: Vault, workspaceId: string, bundle: readonly Due[]): Promise<RunRef> {
  const [lead] = bundle;
  if (!lead) throw new Error('A bundle holds one delivery at least.');
  const runId = newRunId();
  const input: DeliverNotificationInput = { workspaceId, runId, deliveryId: lead.id };
  const subject = lead.incidentId === null ? null : { kind: 'incident', id: lead.incidentId };
  await insertRun(tx, {
    id: runId,
    kind: DeliverNotification.kind,
    shape: 'part',
    title: `Tell ${lead.channel}: ${bundle.length > 1 ? `${bundle.length} messages` : lead.subject}`.slice(0, 200),
    trigger: 'rule',
    actor: windlass,
    subject,
    workflowType: DeliverNotification.type,
    taskQueue: DeliverNotification.taskQueue,
    sealedInput: await vault.seal(JSON.stringify(input), runInputContext(workspaceId, runId)),
    // It waits for no slot: whoever is to be told does not queue behind the workspace's jobs.
    isChild: true,
  });
  await tx
    .updateTable('deliveries')
    .set({ status: 'sending', runId, begunAt: sql<Date>`now()` })
    .where('id', '=', lead.id)
    .execute();
  const others = bundle.slice(1).map(({ id }) => id);
  if (others.length > 0)
    await tx
      .updateTable('deliveries')
      .set({ status: 'sending', runId, bundledInto: lead.id, begunAt: sql<Date>`now()` })
      .where('id', 'in', others)
      .execute();
  await appendEvent(tx, {
    type: 'notification.begun',
    subject: `delivery:${lead.id}`,
    runId,
    data: { bundled: others.length, incidentId: lead.incidentId },
  });
  return {
    workspaceId,
    id: runId,
    workflowType: DeliverNotification.type,
    taskQueue: DeliverNotification.taskQueue,
    kind: DeliverNotification.kind,
    subject: subject && `incident:${subject.id}`,
    actorId: null,
    priority: 1,
    input,
  };
}
