import { ApplicationFailure, Context } from '@temporalio/activity';
import type { GuardOptions } from '#connectors/http/guarded-request.ts';
import { fullJitterMs } from '#connectors/http/retry.ts';
import type { MailClient } from '#connectors/mail/mailer.ts';
import { deliver, knowsRepeats } from '#connectors/notifications/deliver.ts';
import { DeliveryFailure } from '#connectors/notifications/message.ts';
import type { DeliveryAddress } from '#contracts/notifications/address.ts';
import type {
  DeliverNotificationInput,
  DeliverNotificationResult,
} from '#contracts/notifications/deliver-notification.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import { channelAddresses, smsAddress } from '#db/notifications/channel-addresses.ts';
import { contactSeal } from '#db/notifications/contacts.ts';
import {
  type Attempt,
  type Outcome,
  beginAttempt,
  endAttempt,
  failDelivery,
} from '#db/notifications/delivery-attempts.ts';
import { recordRun } from '#db/runs/record-run.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { whileBeating } from '../kit/while-beating.ts';
import { pageMessage } from './page-message.ts';

export interface AttemptTools extends Pick<ActivityTools, 'inTenant' | 'startRuns' | 'vault' | 'log' | 'metrics'> {
  mail: Pick<MailClient, 'isReady' | 'send'>;
  publicUrl: string;
  isOwnPort?: GuardOptions['isOwnPort'];
  resolve?: GuardOptions['resolve'];
}
export type AttemptDeliveryActivities = ReturnType<typeof attemptDeliveryActivities>;

const sendTimeoutMs = 15_000;
/** The wait before another attempt lies below this, doubled each time up to the cap; what the provider asked for is the least. */
const backoff = { baseMs: 2_000, capMs: 10 * 60_000 };
/** Records of a delivery's run: it begins, it waits after a failure, it ends. */
const seq = { running: 1, waiting: 2, ended: 3 };

type Call = DeliverNotificationInput & { startedAt: string };

/** One message on its way to one address. */
export const attemptDeliveryActivities = (tools: AttemptTools) => ({
  /**
   * One attempt. It is written down before the message goes, and after; a crash in between leaves one whose end nobody
   * knows, and such a message is sent once more at most, unless its receiver tells repeated ones by their key.
   * Repeatable: what has arrived or was given up is not sent again.
   */
  attemptDelivery: (call: Call): Promise<DeliverNotificationResult> =>
    whileBeating(async (signal) => {
      const { workspaceId, runId, deliveryId } = call;
      const begun = await untilDatabase(
        () =>
          tools.inTenant(workspaceId, async (tx) => {
            await recordRun(tx, { workspaceId, runId, seq: seq.running, startedAt: call.startedAt, status: 'running' });
            return beginAttempt(tx, deliveryId, Date.now(), { knowsRepeats });
          }),
        signal,
      );
      if (begun.state === 'over') return await end(tools, call, begun.status, null);
      if (begun.state === 'wait')
        throw await later(tools, call, begun.why, begun.waitMs + fullJitterMs(1, { baseMs: 5_000, capMs: 5_000 }));
      const { attempt } = begun;
      const { outcome, retryAfterMs } = await send(tools, workspaceId, attempt, signal);
      const became = await untilDatabase(
        () => tools.inTenant(workspaceId, (tx) => endAttempt(tx, attempt, outcome, Date.now())),
        signal,
      );
      if (became !== 'again') return await end(tools, call, became, outcome.failure);
      const waitMs = Math.max(retryAfterMs ?? 0, fullJitterMs(attempt.delivery.attempts, backoff), 100);
      throw await later(tools, call, outcome.failure?.message ?? '', waitMs);
    }),

  /** Its time is over, or somebody canceled it: what is not told yet is given up, and the person's next way taken. */
  async giveUpDelivery({ why, ...call }: Call & { why: 'canceled' | 'too_late' }): Promise<void> {
    await tools.inTenant(call.workspaceId, async (tx) => {
      const row = await tx
        .selectFrom('deliveries')
        .selectAll()
        .where('id', '=', call.deliveryId)
        .where('status', '=', 'sending')
        .forUpdate()
        .executeTakeFirst();
      if (!row) return;
      await failDelivery(
        tx,
        row,
        why === 'canceled'
          ? { code: 'notify.canceled', message: 'Somebody canceled this delivery.' }
          : (row.error ?? { code: 'notify.undelivered', message: 'It could not be handed over for a day.' }),
      );
    });
    await end(tools, call, why === 'canceled' ? 'canceled' : 'failed', {
      code: why === 'canceled' ? 'run.canceled' : 'notify.undelivered',
      message: why === 'canceled' ? 'Somebody canceled this delivery.' : 'It could not be handed over for a day.',
    });
  },
});

/** Says that it is tried again, and when. */
async function later(tools: AttemptTools, call: Call, why: string, waitMs: number): Promise<ApplicationFailure> {
  const { workspaceId, runId, startedAt } = call;
  await tools.inTenant(workspaceId, (tx) =>
    recordRun(tx, { workspaceId, runId, startedAt, seq: seq.waiting, status: 'waiting', waitingFor: 'retry' }),
  );
  return ApplicationFailure.create({ type: 'notify.again', message: why, nextRetryDelay: Math.ceil(waitMs) });
}

async function end(
  tools: AttemptTools,
  { workspaceId, runId, startedAt }: Call,
  status: DeliverNotificationResult['status'],
  failure: { code: string; message: string } | null,
): Promise<DeliverNotificationResult> {
  const runStatus = status === 'delivered' ? 'succeeded' : status;
  const { admitted } = await tools.inTenant(workspaceId, (tx) =>
    recordRun(tx, {
      workspaceId,
      runId,
      startedAt,
      seq: seq.ended,
      status: runStatus,
      endedAt: new Date().toISOString(),
      error:
        status === 'delivered'
          ? null
          : (failure ?? { code: 'notify.undelivered', message: 'The message was not delivered.' }),
    }),
  );
  tools.startRuns(admitted);
  tools.metrics.runsEnded.inc({ kind: 'notification', status: runStatus });
  return { status };
}

async function send(
  tools: AttemptTools,
  workspaceId: string,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; retryAfterMs: number | null }> {
  try {
    const address = await addressOf(tools, workspaceId, attempt);
    const message = await pageMessage(attempt, { vault: tools.vault, workspaceId, publicUrl: tools.publicUrl });
    const guard: GuardOptions = {
      allow: attempt.egressAllow,
      isOwnPort: tools.isOwnPort,
      ...(tools.resolve && { resolve: tools.resolve }),
    };
    // A cancel lets the one that is out come back: what became of it must be known.
    const taken = await deliver(address, message, { mail: tools.mail, guard }, { timeoutMs: sendTimeoutMs });
    return { outcome: { ...taken, failure: null }, retryAfterMs: null };
  } catch (error) {
    if (error instanceof DeliveryFailure) {
      const { code, message, isForGood, isUnclear, retryAfterMs } = error;
      return { outcome: { answer: null, failure: { code, message, isForGood, isUnclear } }, retryAfterMs };
    }
    signal.throwIfAborted();
    tools.log.error(
      { err: error, activity: Context.current().info.activityType },
      'a page failed in an unforeseen way',
    );
    const failure = {
      code: 'server.failed',
      message: 'Something went wrong on our side.',
      isForGood: true,
      isUnclear: false,
    };
    return { outcome: { answer: null, failure }, retryAfterMs: null };
  }
}

/** Where it goes, its secrets opened. @throws DeliveryFailure where that is gone */
async function addressOf(
  { vault, publicUrl }: AttemptTools,
  workspaceId: string,
  { delivery, channel, contact }: Attempt,
): Promise<DeliveryAddress> {
  const { kind, contactId, target } = delivery;
  const gone = (message: string) => new DeliveryFailure('notify.address_gone', message, { isForGood: true });
  if (delivery.channelId !== null) {
    if (!channel) throw gone('The channel was removed meanwhile.');
    const all = await channelAddresses(vault, workspaceId, publicUrl, channel);
    const found =
      channel.kind === 'email' || channel.kind === 'sms' ? all.find(({ shown }) => shown === target) : all[0];
    if (!found) throw gone('The channel no longer leads there.');
    return found.address;
  }
  if (contactId === null) return { kind: 'email', email: target };
  if (!contact?.verifiedAt) throw gone('The contact was removed meanwhile.');
  const own = (await vault.open(contact.sealedAddress, contactSeal(workspaceId, contact.id))).reveal();
  if (kind === 'email') return { kind, email: own };
  if (kind === 'slack') return { kind, url: own };
  const provider = channel && (await smsAddress(vault, workspaceId, publicUrl, channel, own));
  if (!provider)
    throw new DeliveryFailure('notify.no_provider', 'There is no channel of the kind SMS that could carry it.', {
      isForGood: true,
    });
  return provider;
}
