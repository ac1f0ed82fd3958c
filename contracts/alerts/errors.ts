import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the alerts room. */
export const alertsErrors = defineErrors({
  'alert.body_too_large': { status: 413, retry: false, message: 'The body is larger than {limit} bytes.' },
  'alert.encoding_unknown': {
    status: 415,
    retry: false,
    message: 'The content encoding {encoding} is not known here. Send gzip, or none.',
  },
  'alert.format_unknown': {
    status: 400,
    retry: false,
    message: 'No format fits what came. Send it to the path that its sender uses, or name the format at the source.',
  },
  'alert.unreadable': { status: 400, retry: false, message: '{reason}' },
  'alert_rule.invalid': { status: 422, retry: false, message: 'The rule cannot be used. See details.' },
  'alert_rule.name_taken': { status: 409, retry: false, message: 'There is already a rule named {name}.' },
  'alert_rule.order_incomplete': {
    status: 409,
    retry: false,
    message: 'The order names other rules than there are. Load them again.',
  },
  'alert_source.config_invalid': { status: 422, retry: false, message: 'The source cannot be used. See details.' },
  'alert_source.name_taken': { status: 409, retry: false, message: 'There is already a source named {name}.' },
  'alert_source.not_found': { status: 404, retry: false, message: 'No source takes alerts by this token.' },
  'alert_source.too_many': {
    status: 429,
    retry: true,
    message: 'This source takes {limit} requests a minute. Try again in {retryAfter} seconds.',
  },
});
