import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import type { Secret } from '#system/secret.ts';

/** A letter that did not go: `refused` for good (a wrong address), else the server was away or busy. */
export class MailFailure extends Error {
  override name = 'MailFailure';
  readonly code: 'mail.refused' | 'mail.unreachable' | 'mail.not_configured';
  /** The letter was handed over and no answer came: it may have gone all the same. */
  readonly isUnclear: boolean;
  constructor(code: MailFailure['code'], message: string, cause?: unknown, isUnclear = false) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.isUnclear = isUnclear;
  }
}

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** What makes a repeated letter the same: it becomes the Message-ID, by which mail programs show it once. */
  readonly key: string;
  readonly isUrgent?: boolean;
  readonly attachment?:
    | { readonly filename: string; readonly contentType: string; readonly content: Buffer }
    | undefined;
}

export interface MailClient {
  /** False where no SMTP is set; `send` then fails by `mail.not_configured`. */
  readonly isReady: boolean;
  send(letter: Letter): Promise<void>;
  close(): void;
}

/** A name people see, and the address letters come from: `SMTP_URL` may carry `?from=…`, else the account's own name. */
const senderOf = (url: URL): string => {
  const given = url.searchParams.get('from');
  if (given) return given;
  const user = decodeURIComponent(url.username);
  return `Windlass <${user.includes('@') ? user : `windlass@${url.hostname === '127.0.0.1' || url.hostname === 'localhost' ? 'localhost' : url.hostname}`}>`;
};

/** Outgoing mail over SMTP, connections kept and reused. TLS by `smtps:`, or by STARTTLS where the server offers it. */
export function openMail(smtpUrl: Secret | undefined, { timeoutMs = 15_000 }: { timeoutMs?: number } = {}): MailClient {
  if (!smtpUrl) {
    return {
      isReady: false,
      send: () =>
        Promise.reject(new MailFailure('mail.not_configured', 'No mail server is set: set SMTP_URL and start again.')),
      close: () => {},
    };
  }
  const url = new URL(smtpUrl.reveal());
  const from = senderOf(url);
  const isSecure = url.protocol === 'smtps:';
  const transport = createTransport({
    pool: true,
    maxConnections: 3,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isSecure ? 465 : 587)),
    secure: isSecure,
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    isReady: true,
    send: async ({ to, subject, text, html, key, isUrgent, attachment }) => {
      try {
        await transport.sendMail({
          from,
          // An object, so that no text is taken for a list of addresses.
          to: { name: '', address: to },
          subject: subject.replace(/[\r\n]+/g, ' ').slice(0, 300),
          text,
          ...(html !== undefined && { html }),
          ...(attachment && { attachments: [attachment] }),
          messageId: `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@windlass>`,
          ...(isUrgent && { priority: 'high' as const }),
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => transport.close(),
  };
}

/** SMTP answers of 500 and more are for good; all else may pass. */
function failureOf(error: unknown): MailFailure {
  const { responseCode, response, message, command } = error as {
    responseCode?: number;
    response?: string;
    message?: string;
    command?: string;
  };
  const why = (response ?? message ?? 'no answer').slice(0, 300);
  const isForGood = responseCode !== undefined && responseCode >= 500 && responseCode !== 535;
  return isForGood
    ? new MailFailure('mail.refused', `The mail server refused the message: ${why}`, error)
    : new MailFailure(
        'mail.unreachable',
        `The mail server did not take the message: ${why}`,
        error,
        command === 'DATA' && responseCode === undefined,
      );
}
