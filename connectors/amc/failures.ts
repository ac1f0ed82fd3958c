import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import { HttpFailure } from '../http/http-failure.ts';

/** An answer that is no success, as far as it is needed to understand it. */
export interface RefusedAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | null;
}

const termsAddress = 'https://advertising.amazon.com/marketing-cloud';
const termsForm = /terms and conditions must be accepted|accept the .*terms/i;
const overlapForm = /too many workflows have already been run against the same input data sources/i;
const notReadyForm = /is unavailable for download/i;

/** The service's own sentence, whichever of its forms the body has (AMC §2.3). Never more than 2,000 characters. */
export function wordsOf(body: string): string {
  let words = '';
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) words = firstText(parsed as Record<string, unknown>);
  } catch {
    const isMarkup = /^\s*</.test(body);
    words = isMarkup ? (/<(?:Message|title)>([^<]*)</i.exec(body)?.[1] ?? '') : body;
  }
  return words.trim().slice(0, 2_000);
}
function firstText(body: Record<string, unknown>): string {
  for (const key of ['details', 'detail', 'message', 'error_description', 'errorMessage', 'error']) {
    const value = body[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  const [first] = Array.isArray(body['errors']) ? (body['errors'] as unknown[]) : [];
  return typeof first === 'object' && first !== null ? firstText(first as Record<string, unknown>) : '';
}

type Kind = Pick<QueryFailureFacts, 'kind' | 'code' | 'hint'> & { readonly retryable?: boolean };
const byStatus = (status: number): Kind => {
  switch (status) {
    case 401:
      return { kind: 'auth', code: 'token_refused', hint: 'Connect the account again.' };
    case 403:
      return {
        kind: 'auth',
        code: 'access_denied',
        hint: 'Ask an administrator of the Amazon account for access to this instance.',
      };
    case 404:
      return { kind: 'provider', code: 'not_found', hint: 'It was deleted at Amazon, or belongs to another account.' };
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
      return {
        kind: 'provider',
        code: 'service_unavailable',
        hint: 'Amazon has a problem; it is tried again.',
        retryable: true,
      };
    case 410:
      return {
        kind: 'provider',
        code: 'endpoint_retired',
        hint: 'This part of the service was retired. Update the product.',
      };
    case 425:
      return {
        kind: 'quota',
        code: 'duplicate_request',
        hint: 'The same was asked a short time ago.',
        retryable: false,
      };
    case 429:
      return { kind: 'quota', code: 'throttled', hint: 'Too many requests at once; it is tried again.' };
    default:
      return {
        kind: status >= 500 ? 'provider' : 'syntax',
        code: 'rejected',
        hint: 'Read what the service says and change the query.',
      };
  }
};

/**
 * What a refusal means.
 * @param isRepeatable the request changes nothing when it is sent again
 */
export function failureOf({ status, body, retryAfterMs }: RefusedAnswer, isRepeatable: boolean): QueryFailure {
  const words = wordsOf(body);
  const message = words === '' ? `The service answered ${status}.` : words;
  // Of an error of the service nobody knows how far it got.
  const mayHaveActed = !isRepeatable && status >= 500;
  return new QueryFailure({
    ...(kindOfWords(message) ?? byStatus(status)),
    message,
    status,
    retryAfterMs,
    mayHaveActed,
  });
}

/** Some sentences say more than their status. */
function kindOfWords(words: string): Kind | undefined {
  if (termsForm.test(words))
    return {
      kind: 'auth',
      code: 'terms_not_accepted',
      hint: `Accept the terms of Amazon Marketing Cloud at ${termsAddress}, then run it again.`,
      retryable: false,
    };
  if (overlapForm.test(words)) return overlap;
  if (notReadyForm.test(words))
    return {
      kind: 'provider',
      code: 'not_ready',
      hint: 'The result is being prepared; it is tried again.',
      retryable: true,
    };
  return undefined;
}
const overlap: Kind = {
  kind: 'quota',
  code: 'overlap',
  hint: 'Other queries read the same tables over the same time. It can be started again in some minutes.',
  retryable: true,
};
/** After an overlap the service wants to be left alone for a while; it does not say how long. */
export const overlapPauseMs = 5 * 60_000;

/** Why an execution ended badly, by its words. */
export function executionFailure(status: string, words: string): QueryFailure {
  const message = words === '' ? `The execution ended as ${status}.` : words;
  const kind = kindOfWords(message);
  if (kind) return new QueryFailure({ ...kind, message, ...(kind === overlap && { retryAfterMs: overlapPauseMs }) });
  if (/time(d)? ?out|after its timeout/i.test(message))
    return new QueryFailure({
      kind: 'timeout',
      code: 'execution_timed_out',
      message,
      hint: 'Ask for a shorter window or fewer rows, or allow more time.',
    });
  if (/line \d+, column \d+|not found in any table|Object '.*' not found/i.test(message))
    return new QueryFailure({ kind: 'syntax', code: 'rejected', message, hint: 'Change the query.' });
  return new QueryFailure({
    kind: 'provider',
    code: status === 'REJECTED' ? 'execution_rejected' : 'execution_failed',
    message,
    hint: 'Read what the service says; run it again if it was a passing problem.',
  });
}

/** What a request without an answer means. */
export function networkFailure(error: unknown, isRepeatable: boolean): QueryFailure {
  if (error instanceof QueryFailure) return error;
  if (!(error instanceof HttpFailure)) throw error;
  const isOurs = error.code === 'http.address_refused' || error.code === 'http.url_invalid';
  // A connection that was refused carried nothing.
  const mayHaveActed = !isRepeatable && !isOurs && !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/.test(error.message);
  return new QueryFailure(
    {
      kind: 'network',
      code: error.code.replace('http.', ''),
      message: error.message,
      hint: isOurs
        ? 'Check the address of the connection, and which addresses the workspace allows.'
        : 'Check the network; it is tried again.',
      retryable: !isOurs,
      mayHaveActed,
    },
    error,
  );
}

export const unreadable = (what: string, isRepeatable: boolean, cause?: unknown): QueryFailure =>
  new QueryFailure(
    {
      kind: 'provider',
      code: 'unreadable_answer',
      message: what,
      hint: 'Amazon answered what nobody can read; try again later.',
      retryable: isRepeatable,
      mayHaveActed: !isRepeatable,
    },
    cause,
  );
