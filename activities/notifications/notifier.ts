import type { Json } from '#contracts/kit/schemas.ts';
import type { DeliveryAddress } from '#contracts/notifications/address.ts';
import { DeliveryFailure, deliver, type Message } from '#connectors/notifications/deliver.ts';
import type { GuardOptions } from '#connectors/http/guarded-request.ts';
import type { MailClient } from '#connectors/mail/mailer.ts';
import type { Db } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { channelAddresses } from '#db/notifications/channel-addresses.ts';
import { beginDelivery, endDelivery } from '#db/notifications/deliveries.ts';
import { type Target, resolveTarget } from '#db/notifications/resolve-target.ts';
import { readSettings } from '#db/settings/settings.ts';
import type { Log } from '#system/log.ts';
import type { Vault } from '#system/vault/vault.ts';

export interface NotifierTools {
  db: Db;
  vault: Vault;
  mail: Pick<MailClient, 'isReady' | 'send'>;
  log: Log;
  /** Of our own servers: never reached, whatever a workspace allows. */
  isOwnPort?: GuardOptions['isOwnPort'];
  resolve?: GuardOptions['resolve'];
}

export interface Notification {
  workspaceId: string;
  /** What makes it the same when it is sent again. */
  key: string;
  to: readonly Json[];
  subject: string;
  text: string;
  run: Message['run'];
  stepAddress: string | null;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}
export interface NotifyOutcome {
  delivered: string[];
  failed: string[];
  /** Why each of the failed did not arrive. */
  reasons: { to: string; code: string; message: string }[];
}
export type Notifier = (notification: Notification) => Promise<NotifyOutcome>;

const mostAttempts = 4;

/**
 * Sends a notification to each channel and person it names; what arrived before is not sent again. Short troubles are
 * waited out within the time given. Every message is one row of the delivery log.
 */
export const notifier =
  (tools: NotifierTools): Notifier =>
  async (notification) => {
    const { workspaceId, to } = notification;
    const { targets, allow, workspace } = await inTenant(tools.db, workspaceId, async (tx) => {
      const found: Target[] = [];
      for (const entry of to) found.push(await resolveTarget(tx, entry));
      const row = await tx.selectFrom('workspaces').select('name').where('id', '=', workspaceId).executeTakeFirst();
      return { targets: found, allow: (await readSettings(tx)).egressAllow, workspace: row?.name ?? '' };
    });
    const deadline = Date.now() + notification.timeoutMs;
    const guard: GuardOptions = { allow, isOwnPort: tools.isOwnPort, ...(tools.resolve && { resolve: tools.resolve }) };
    const outcome: NotifyOutcome = { delivered: [], failed: [], reasons: [] };
    const failures = await Promise.all(
      targets.map((target) => notifyTarget(tools, { ...notification, deadline, guard, workspace }, target)),
    );
    // Told in the order of the list, whoever answered first.
    for (const [at, { name }] of targets.entries()) {
      const failure = failures[at];
      (failure ? outcome.failed : outcome.delivered).push(name);
      if (failure) outcome.reasons.push({ to: name, ...failure });
    }
    return outcome;
  };

type Work = Notification & { deadline: number; guard: GuardOptions; workspace: string };
interface Why {
  code: string;
  message: string;
}

/** Null where the target was reached: of a list of mail addresses one is enough. */
async function notifyTarget(tools: NotifierTools, work: Work, target: Target): Promise<Why | null> {
  if (target.kind === 'nobody')
    return { code: 'notify.nobody', message: `There is no channel and no member named ${target.name}.` };
  const addresses = await addressesOf(tools.vault, work.workspaceId, target);
  const failures = await Promise.all(
    addresses.map(({ address, shown }) => sendOne(tools, work, target, address, shown)),
  );
  return failures.includes(null)
    ? null
    : (failures[0] ?? { code: 'notify.nobody', message: 'The channel has no address.' });
}

const addressesOf = async (
  vault: Vault,
  workspaceId: string,
  target: Exclude<Target, { kind: 'nobody' }>,
): Promise<{ address: DeliveryAddress; shown: string }[]> =>
  target.kind === 'person'
    ? [{ address: { kind: 'email', email: target.email }, shown: target.email }]
    : channelAddresses(vault, workspaceId, null, target.channel);

async function sendOne(
  tools: NotifierTools,
  work: Work,
  target: Exclude<Target, { kind: 'nobody' }>,
  address: DeliveryAddress,
  shown: string,
): Promise<Why | null> {
  const channel = target.kind === 'channel' ? target.channel : null;
  const key = `${work.key}/${channel?.id ?? 'person'}/${shown}`;
  const begin = () =>
    inTenant(tools.db, work.workspaceId, (tx) =>
      beginDelivery(tx, {
        key,
        channelId: channel?.id ?? null,
        channel: channel?.name ?? target.name,
        kind: channel?.kind ?? 'person',
        target: shown,
        runId: work.run?.id ?? null,
        stepAddress: work.stepAddress,
        subject: work.subject,
      }),
    );
  const message: Message = {
    key,
    subject: work.subject,
    text: work.text,
    isUrgent: target.isUrgent,
    workspace: work.workspace,
    run: work.run,
  };
  for (let attempt = 1; ; attempt++) {
    const { id, isDone } = await begin();
    if (isDone) return null;
    const why = await attemptOne(address, message, tools, work);
    await inTenant(tools.db, work.workspaceId, (tx) =>
      endDelivery(tx, id, why && { code: why.code, message: why.message }),
    );
    if (!why) return null;
    const waitMs = Math.max(why.retryAfterMs ?? 0, 500 * 3 ** (attempt - 1));
    if (why.isForGood || attempt >= mostAttempts || Date.now() + waitMs + 500 > work.deadline)
      return { code: why.code, message: why.message };
    await pause(waitMs, work.signal);
  }
}

type Failed = Pick<DeliveryFailure, 'code' | 'message' | 'isForGood' | 'retryAfterMs'>;
async function attemptOne(
  address: DeliveryAddress,
  message: Message,
  tools: NotifierTools,
  { guard, deadline, signal }: Work,
): Promise<Failed | null> {
  const timeoutMs = Math.max(100, deadline - Date.now());
  try {
    await deliver(address, message, { mail: tools.mail, guard }, { timeoutMs, signal });
    return null;
  } catch (error) {
    if (error instanceof DeliveryFailure) return error;
    signal?.throwIfAborted();
    tools.log.error({ err: error }, 'a notification failed in an unforeseen way');
    return { code: 'server.failed', message: 'Something went wrong on our side.', isForGood: true, retryAfterMs: null };
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted.'));
    });
  });
