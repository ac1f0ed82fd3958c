import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { type GuardOptions, guardedRequest } from '#connectors/http/guarded-request.ts';
import { HttpFailure } from '#connectors/http/http-failure.ts';
import { MailFailure, type MailClient } from '#connectors/mail/mailer.ts';
import type { Operations } from './call-connector.ts';

const Mail = z.strictObject({
  to: z.email(),
  subject: z.string().min(1).max(500),
  text: z.string().max(256_000),
  html: z.string().max(256_000).optional(),
});
const Webhook = z.strictObject({
  url: z.url(),
  body: z.json(),
  secret: z.string().min(8).optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

/**
 * The operations that `connector` steps can name now: `mail.send {to, subject, text, html?}` and `webhook.post {url, body,
 * secret?, headers?}`, signed as `X-Windlass-Signature: v1=<hex HMAC-SHA256 of the body>` where a secret is given.
 */
export function connectorOperations({
  mail,
  isOwnPort,
  readAllowed,
}: {
  mail: Pick<MailClient, 'isReady' | 'send'>;
  isOwnPort: GuardOptions['isOwnPort'];
  readAllowed: (workspaceId: string) => Promise<readonly string[]>;
}): Operations {
  return {
    'mail.send': async ({ runId, params }) => {
      const letter = Mail.safeParse(params);
      if (!letter.success) return rejected(z.prettifyError(letter.error));
      try {
        await mail.send({ ...letter.data, key: `${runId}/${letter.data.to}/${letter.data.subject}` });
        return { kind: 'ok', output: { to: letter.data.to } };
      } catch (error) {
        if (!(error instanceof MailFailure)) throw error;
        return error.code === 'mail.unreachable' ? unavailable(error.message) : rejected(error.message);
      }
    },
    'webhook.post': async ({ workspaceId, params, timeoutMs, signal }) => {
      const hook = Webhook.safeParse(params);
      if (!hook.success) return rejected(z.prettifyError(hook.error));
      const { url, headers, secret } = hook.data;
      const body = JSON.stringify(hook.data.body);
      const signature: Record<string, string> =
        secret === undefined
          ? {}
          : { 'x-windlass-signature': `v1=${createHmac('sha256', secret).update(body).digest('hex')}` };
      try {
        const answer = await guardedRequest(
          {
            method: 'POST',
            url,
            headers: { 'content-type': 'application/json', ...headers, ...signature },
            body,
            timeoutMs,
            signal,
          },
          { allow: await readAllowed(workspaceId), isOwnPort },
        );
        if (answer.status >= 200 && answer.status < 300) return { kind: 'ok', output: { status: answer.status } };
        return answer.status >= 500 || answer.status === 429
          ? unavailable(`The webhook answered ${answer.status}.`)
          : rejected(`The webhook answered ${answer.status}.`);
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        return error.code === 'http.address_refused' ? rejected(error.message) : unavailable(error.message);
      }
    },
  };
}

const rejected = (message: string) =>
  ({ kind: 'error', error: { code: 'connector.rejected', message, retryable: false } }) as const;
const unavailable = (message: string) =>
  ({ kind: 'error', error: { code: 'connector.unavailable', message } }) as const;
