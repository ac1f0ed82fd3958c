import { defineErrors } from '../kit/error-def.ts';

/** Error codes of the logs room: what senders bring, and what is searched for. */
export const logsErrors = defineErrors({
  'log.intake_full': {
    status: 503,
    retry: true,
    message: 'More comes in than can be written. Nothing of this request was taken; send it again in {retryAfter} s.',
  },
  'log.too_fast': {
    status: 429,
    retry: true,
    message: 'This workspace sends faster than its events can be written. Send it again in {retryAfter} s.',
  },
  'log.token_refused': { status: 401, retry: false, message: 'No log source takes events under this token.' },
  'log.unreadable': { status: 400, retry: false, message: 'The body cannot be read: {why}' },
  'log_search.name_taken': { status: 409, retry: false, message: 'There is already a saved search named {name}.' },
  'log_search.unreadable': { status: 422, retry: false, message: 'The search cannot be read: {why}' },
  'log_source.name_taken': { status: 409, retry: false, message: 'There is already a log source named {name}.' },
});
