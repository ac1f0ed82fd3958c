import { z } from 'zod';
import type { SmsAddress } from '#contracts/notifications/address.ts';
import type { GuardOptions, IncomingAnswer } from '../http/guarded-request.ts';
import { guardedRequest } from '../http/guarded-request.ts';
import { DeliveryFailure, type Message, type Taken } from './message.ts';

/** Providers split a longer one into so many that it costs and comes out of order. */
const longest = 600;

const Accepted = z.object({ sid: z.string().max(200), status: z.string().max(60).optional() });
const Refused = z.object({ code: z.union([z.number(), z.string()]).optional(), message: z.string().optional() });

export const smsText = ({ workspace, subject, text, link, replyHint }: Message): string => {
  const tail = [replyHint, link?.url].filter(Boolean).join(' ');
  const head = `[${workspace}] ${subject}: ${text}`.replaceAll(/\s+/g, ' ');
  return [head.slice(0, Math.max(0, longest - tail.length - 1)), tail].filter(Boolean).join('\n');
};

/**
 * Sends one SMS by a provider of the Twilio kind: a form over basic auth, JSON back.
 * @throws DeliveryFailure; HttpFailure where no answer came
 */
export async function sendSms(
  { url, account, token, sender, to, statusUrl }: SmsAddress,
  message: Message,
  guard: GuardOptions,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Taken> {
  const form = new URLSearchParams({ From: sender, To: to, Body: smsText(message) });
  if (statusUrl !== null) form.set('StatusCallback', statusUrl);
  const answer = await guardedRequest(
    {
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`,
      },
      body: form.toString(),
      timeoutMs,
      keepBytes: 16_384,
      ...(signal && { signal }),
    },
    guard,
  );
  const body = jsonOf(answer);
  if (answer.status >= 200 && answer.status < 300) {
    const accepted = Accepted.safeParse(body);
    // It said yes, in words we do not know: the message went, and nothing can be told of it later.
    return accepted.success
      ? { answer: accepted.data.status ?? `HTTP ${answer.status}`, providerRef: accepted.data.sid }
      : { answer: `HTTP ${answer.status}`, providerRef: null };
  }
  const refused = Refused.safeParse(body);
  const why =
    refused.success && refused.data.message ? `${refused.data.code ?? answer.status}: ${refused.data.message}` : '';
  throw new DeliveryFailure(
    'http.unexpected_status',
    `The provider answered ${answer.status}${why && ` (${why.slice(0, 200)})`}.`,
    // A wrong token is mended in the channel, and then what waits goes out.
    {
      isForGood: ![401, 403, 408, 425, 429].includes(answer.status) && answer.status < 500,
      retryAfterMs: answer.retryAfterMs,
    },
  );
}

function jsonOf({ body }: IncomingAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
