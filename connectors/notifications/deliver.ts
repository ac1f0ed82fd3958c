import { createHmac } from 'node:crypto';
import { type GuardOptions, guardedRequest } from '../http/guarded-request.ts';
import { HttpFailure } from '../http/http-failure.ts';
import { type MailClient, MailFailure } from '../mail/mailer.ts';

/** Where one message goes, its secrets opened. */
export type DeliveryAddress =
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string | null }
  | { readonly kind: 'slack'; readonly url: string };

export interface Message {
  /** The same again for a repeated message: mail programs and receivers tell doubles by it. */
  readonly key: string;
  readonly subject: string;
  readonly text: string;
  readonly isUrgent: boolean;
  readonly workspace: string;
  /** Where the run is shown; null for what belongs to none. */
  readonly run: { readonly id: string; readonly title: string; readonly url: string } | null;
}

/** A message that did not arrive. */
export class DeliveryFailure extends Error {
  override name = 'DeliveryFailure';
  readonly code: string;
  /** Trying again cannot help. */
  readonly isForGood: boolean;
  readonly retryAfterMs: number | null;
  constructor(
    code: string,
    message: string,
    { isForGood, retryAfterMs = null, cause }: { isForGood: boolean; retryAfterMs?: number | null; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.isForGood = isForGood;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface DeliverTools {
  readonly mail: Pick<MailClient, 'isReady' | 'send'>;
  readonly guard: GuardOptions;
}

/** `v1=` and the hex HMAC-SHA256 of the body, as PagerDuty signs. */
export const signBody = (secret: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

/**
 * Sends one message to one address, once.
 * @throws DeliveryFailure
 */
export async function deliver(
  address: DeliveryAddress,
  message: Message,
  { mail, guard }: DeliverTools,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    if (address.kind === 'email') await mail.send(letterOf(address.email, message));
    else {
      const body = JSON.stringify(address.kind === 'slack' ? slackBody(message) : webhookBody(message));
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
      if (answer.status >= 200 && answer.status < 300) return;
      const isForGood = ![408, 425, 429].includes(answer.status) && answer.status < 500;
      throw new DeliveryFailure('http.unexpected_status', `The receiver answered ${answer.status}.`, {
        isForGood,
        retryAfterMs: answer.retryAfterMs,
      });
    }
  } catch (error) {
    if (error instanceof HttpFailure) {
      throw new DeliveryFailure(error.code, error.message, {
        isForGood: error.code === 'http.address_refused' || error.code === 'http.url_invalid',
        cause: error,
      });
    }
    if (error instanceof MailFailure)
      throw new DeliveryFailure(error.code, error.message, {
        isForGood: error.code !== 'mail.unreachable',
        cause: error,
      });
    throw error;
  }
}

const footOf = ({ run }: Message): string => (run ? `${run.title}: ${run.url}` : '');

const letterOf = (to: string, message: Message) => ({
  to,
  subject: `[${message.workspace}] ${message.subject}`,
  text: [message.text, footOf(message)].filter(Boolean).join('\n\n'),
  key: `${message.key}/${to}`,
  isUrgent: message.isUrgent,
});

const webhookBody = ({ key, subject, text, isUrgent, workspace, run }: Message) => ({
  type: 'notification', id: key, at: new Date().toISOString(), workspace, subject, message: text, urgent: isUrgent, run,
}); // prettier-ignore

/** Slack takes `<…>` for links and mentions: what people wrote must stay text. */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const slackBody = ({ subject, text, isUrgent, run }: Message) => ({
  text: [
    `${isUrgent ? ':rotating_light: ' : ''}*${plain(subject)}*`,
    plain(text),
    ...(run ? [`<${run.url}|${plain(run.title).replaceAll('|', '¦')}>`] : []),
  ].join('\n'),
});
