import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the hooks room: webhooks coming in, and runs that follow runs. */
export const hooksErrors = defineErrors({
  'webhook.config_invalid': { status: 422, retry: false, message: 'This cannot be saved. See details for each field.' },
  'webhook.dedup_failed': {
    status: 422,
    retry: false,
    message: 'The deduplication key could not be read from the call: {why}.',
  },
  'webhook.mapping_failed': {
    status: 422,
    retry: false,
    message: 'The call could not be turned into inputs. See details for each input.',
  },
  'webhook.not_found': { status: 404, retry: false, message: 'There is no webhook at this address.' },
  'webhook.not_json': { status: 400, retry: false, message: 'The body says it is JSON and cannot be read as such.' },
  'webhook.not_replayable': { status: 409, retry: false, message: 'The body of this call was not kept.' },
  'webhook.signature_invalid': { status: 401, retry: false, message: 'The signature does not fit the body.' },
  'webhook.signature_missing': {
    status: 401,
    retry: false,
    message: 'The header {header} with the signature is missing.',
  },
  'webhook.timestamp_refused': {
    status: 401,
    retry: false,
    message: 'The timestamp is missing or more than {tolerance} away from now.',
  },
  'webhook.too_large': { status: 413, retry: false, message: 'The body is larger than {limit} bytes.' },
  'webhook.too_many': {
    status: 429,
    retry: true,
    message: 'More than {limit} calls in a minute. Try again in {retryAfter} s.',
  },
  'run_trigger.too_deep': {
    status: 422,
    retry: false,
    message: 'Runs that start runs may be {limit} deep: this one goes round.',
  },
  'run_trigger.mapping_failed': {
    status: 422,
    retry: false,
    message: 'The run that ended could not be turned into inputs: {why}.',
  },
});
