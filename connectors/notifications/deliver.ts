import { createHmac } from 'node:crypto';
import type { DeliveryAddress } from '#contracts/notifications/address.ts';
import { type GuardOptions, guardedRequest } from '../http/guarded-request.ts';
import { HttpFailure } from '../http/http-failure.ts';
import { type MailClient, MailFailure } from '../mail/mailer.ts';
import { slackBody, teamsBody } from './chat-messages.ts';
import { letterOf } from './letter.ts';
import { DeliveryFailure, type Message, type Taken } from './message.ts';
import { sendSms } from './send-sms.ts';

export { DeliveryFailure, type Message } from './message.ts';

export interface DeliverTools {
  readonly mail: Pick<MailClient, 'isReady' | 'send'>;
  readonly guard: GuardOptions;
}

/** `v1=` and the hex HMAC-SHA256 of the body, as PagerDuty signs. */
export const signBody = (secret: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Receivers that know a repeated message by its key: sending it again is no second message. */
export const knowsRepeats = (kind: string): boolean => kind === 'webhook';

/**
 * Sends one message to one address, once.
 * @throws DeliveryFailure
 */
export async function deliver(
  address: DeliveryAddress,
  message: Message,
  { mail, guard }: DeliverTools,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Taken> {
  try {
    if (address.kind === 'email') {
      await mail.send(letterOf(address.email, message));
      return { answer: 'taken by the mail server', providerRef: null };
    }
    if (address.kind === 'sms') return await sendSms(address, message, guard, { timeoutMs, signal });
    return await post(address, message, guard, { timeoutMs, signal });
  } catch (error) {
    if (error instanceof HttpFailure) {
      throw new DeliveryFailure(error.code, error.message, {
        isForGood: error.code === 'http.address_refused' || error.code === 'http.url_invalid',
        isUnclear: error.code === 'http.timed_out',
        cause: error,
      });
    }
    if (error instanceof MailFailure)
      throw new DeliveryFailure(error.code, error.message, {
        isForGood: error.code !== 'mail.unreachable',
        isUnclear: error.isUnclear,
        cause: error,
      });
    throw error;
  }
}

async function post(
  address: Exclude<DeliveryAddress, { kind: 'email' | 'sms' }>,
  message: Message,
  guard: GuardOptions,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Taken> {
  const body = JSON.stringify(bodyFor(address, message));
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...(address.kind === 'webhook' && {
      'idempotency-key': message.key,
      ...(address.secret !== null && { 'x-windlass-signature': signBody(address.secret, body) }),
    }),
  };
  const answer = await guardedRequest(
    { method: 'POST', url: address.url, headers, body, timeoutMs, keepBytes: 512, ...(signal && { signal }) },
    guard,
  );
  if (answer.status >= 200 && answer.status < 300) return { answer: `HTTP ${answer.status}`, providerRef: null };
  const isForGood = ![408, 425, 429].includes(answer.status) && answer.status < 500;
  throw new DeliveryFailure('http.unexpected_status', `The receiver answered ${answer.status}.`, {
    isForGood,
    retryAfterMs: answer.retryAfterMs,
  });
}

const bodyFor = (address: Exclude<DeliveryAddress, { kind: 'email' | 'sms' }>, message: Message): object => {
  if (address.kind === 'slack') return slackBody(message, { isInteractive: address.isInteractive ?? false });
  return address.kind === 'teams' ? teamsBody(message) : webhookBody(message);
};

const webhookBody = ({ key, subject, text, isUrgent, workspace, run, link, acts }: Message) => ({
  type: 'notification', id: key, at: new Date().toISOString(), workspace, subject, message: text, urgent: isUrgent, run,
  ...(link && { link }),
  ...(acts?.length && { acts: acts.map(({ label, url }) => ({ label, url })) }),
}); // prettier-ignore
