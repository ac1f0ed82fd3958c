import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the notifications room. */
export const notificationsErrors = defineErrors({
  'channel.config_invalid': { status: 422, retry: false, message: 'The channel cannot be used like this: {why}.' },
  'channel.in_use': { status: 409, retry: false, message: 'A channel named {name} exists already.' },
  'mail.not_configured': { status: 409, retry: false, message: 'No mail server is set: set SMTP_URL and start again.' },
  'mail.refused': { status: 422, retry: false, message: 'The mail server refused the message: {why}.' },
  'mail.unreachable': { status: 502, retry: true, message: 'The mail server did not take the message: {why}.' },
  'notify.address_gone': { status: 410, retry: false, message: 'The address that the message was for is gone.' },
  'notify.canceled': { status: 409, retry: false, message: 'Somebody canceled this delivery.' },
  'notify.code_unsent': { status: 502, retry: true, message: 'The code could not be sent: {why}' },
  'notify.code_wrong': {
    status: 422,
    retry: false,
    message: 'That is not the code that was sent, or it is older than 15 minutes. Ask for another one.',
  },
  'notify.contact_known': { status: 409, retry: false, message: 'You have a contact with this address already.' },
  'notify.link_gone': {
    status: 410,
    retry: false,
    message: 'This link has expired, was altered, or is not of this installation. Sign in to act.',
  },
  'notify.link_used': {
    status: 409,
    retry: false,
    message: 'This was done from the message before: a link works once.',
  },
  'notify.no_provider': {
    status: 422,
    retry: false,
    message: 'There is no channel of the kind SMS that could carry it.',
  },
  'notify.not_needed': { status: 409, retry: false, message: 'Somebody had answered by then.' },
  'notify.not_verified': {
    status: 409,
    retry: false,
    message: 'Prove first that the contact is yours: give back its code.',
  },
  'notify.outcome_unknown': {
    status: 502,
    retry: false,
    message: 'It was sent twice and no answer came: it may have arrived, and is not sent a third time.',
  },
  'notify.people_only': {
    status: 403,
    retry: false,
    message: 'Only a person has notifications of their own, not an API key.',
  },
  'notify.signature_invalid': {
    status: 401,
    retry: false,
    message: 'The signature of the call is missing, old or wrong.',
  },
  'notify.too_many_codes': {
    status: 429,
    retry: true,
    message: 'A code was just sent. Wait a minute before asking for another.',
  },
  'notify.nobody': { status: 422, retry: false, message: 'There is no channel and no member named {name}.' },
  'notify.undelivered': { status: 502, retry: true, message: 'The notification reached nobody.' },
});
