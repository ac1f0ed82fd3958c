import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the notifications room. */
export const notificationsErrors = defineErrors({
  'channel.config_invalid': { status: 422, retry: false, message: 'The channel cannot be used like this: {why}.' },
  'channel.in_use': { status: 409, retry: false, message: 'A channel named {name} exists already.' },
  'mail.not_configured': { status: 409, retry: false, message: 'No mail server is set: set SMTP_URL and start again.' },
  'mail.refused': { status: 422, retry: false, message: 'The mail server refused the message: {why}.' },
  'mail.unreachable': { status: 502, retry: true, message: 'The mail server did not take the message: {why}.' },
  'notify.nobody': { status: 422, retry: false, message: 'There is no channel and no member named {name}.' },
  'notify.undelivered': { status: 502, retry: true, message: 'The notification reached nobody.' },
});
