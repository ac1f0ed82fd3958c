import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import type { HttpFailure } from '../http/http-failure.ts';
import type { IncomingAnswer } from '../http/guarded-request.ts';

type Facts = Partial<QueryFailureFacts>;

const hints = {
  reconnect: 'Reconnect this account: its sign-in is no longer valid.',
  credentials: 'Check client id, client secret and tenant of the installed package.',
  rights: 'Ask an administrator of Marketing Cloud to grant this right to the package or the user.',
  unit: 'The signed-in user may not enter this business unit. Choose another or ask for access.',
  wait: 'The service is busy. It is tried again by itself.',
  query: 'Correct the query and run it again.',
  away: 'The service does not answer. It is tried again; see the status page of Marketing Cloud if it lasts.',
  odd: 'The service answered in a way that cannot be read. Try again; if it lasts, report it.',
  allow: 'An administrator can allow this address in the settings.',
  limit: 'Make the query smaller: the service ends a query after 30 minutes.',
} as const;
export { hints as sfmcHints };

/** Service words as plain text: they come with HTML, and several joined by `<br />`. */
export function plainWords(text: string): string[] {
  const entities: Record<string, string> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&#39;': "'",
    '&nbsp;': ' ',
    '&amp;': '&',
  };
  return text
    .split(/<br\s*\/?>|\r?\n/i)
    .map((part) =>
      part
        .replace(/<[^>]*>/g, '')
        .replace(/&(?:lt|gt|quot|#39|nbsp|amp);/g, (entity) => entities[entity] ?? entity)
        .trim(),
    )
    .filter((part) => part !== '');
}

/** What a save of a query was refused for, without the words that only say that it was. */
export const queryWords = (text: string): string[] => {
  const words = plainWords(text).map((part) => part.replace(/^Error saving the Query field\.\s*/, ''));
  const told = words.filter((part) => part !== '');
  return told.length > 0 ? told : plainWords(text);
};

/** No answer came. `isRepeatable`: the request may be sent again whatever became of it. */
export function networkFailure(error: HttpFailure, isRepeatable: boolean): QueryFailure {
  const isRefused = error.code === 'http.address_refused' || error.code === 'http.url_invalid';
  const wasSent =
    !isRefused && !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|CERT|certificate/i.test(error.message);
  return new QueryFailure(
    {
      kind: 'network',
      code: error.code,
      message: error.message,
      hint: isRefused ? hints.allow : hints.away,
      retryable: !isRefused,
      mayHaveActed: wasSent && !isRepeatable,
    },
    error,
  );
}

const brief = (text: string): string => plainWords(text).join(' ').slice(0, 500);

/** What the service said in a body that should have been JSON: an HTML page is told by its title alone. */
function wordsOf(body: string): { message: string; code: string | null; retryAfterMs: number | null } {
  try {
    const read: unknown = JSON.parse(body);
    if (typeof read !== 'object' || read === null) return { message: brief(body), code: null, retryAfterMs: null };
    const { message, errorcode, retryAfter, additionalErrors } = read as Record<string, unknown>;
    const more = Array.isArray(additionalErrors)
      ? additionalErrors.flatMap((entry) =>
          typeof entry === 'object' && entry !== null && 'message' in entry ? [String(entry.message)] : [],
        )
      : [];
    return {
      message: queryWords([String(message ?? ''), ...more].join('<br />')).join('\n'),
      code: typeof errorcode === 'number' || typeof errorcode === 'string' ? String(errorcode) : null,
      retryAfterMs:
        typeof retryAfter === 'number' ? Math.min(Math.max(Math.round(retryAfter * 1_000), 0), 3_600_000) : null,
    };
  } catch {
    const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1] ?? /<h1>([^<]*)<\/h1>/i.exec(body)?.[1];
    return { message: title ? brief(title) : '', code: null, retryAfterMs: null };
  }
}

/** A REST answer that is an error, by section 6.4. */
export function restFailure(answer: IncomingAnswer): QueryFailure {
  const { status } = answer;
  const told = wordsOf(answer.body.subarray(0, 65_536).toString('utf8'));
  const message = told.message || `Marketing Cloud answered with status ${status}.`;
  const made = (kind: QueryFailureFacts['kind'], hint: string, more: Facts = {}) =>
    new QueryFailure({ kind, code: told.code ?? `http_${status}`, message, hint, status, ...more });
  if (status === 429) return made('quota', hints.wait, { retryAfterMs: answer.retryAfterMs ?? told.retryAfterMs });
  if (status === 401) return made('auth', hints.reconnect, { code: 'not_authorized' });
  if (status === 403) return made('auth', hints.rights);
  if (status === 404) return made('provider', 'It is not there, or not yet.', { code: 'not_found' });
  if (status >= 500)
    return made('provider', hints.away, { retryable: true, retryAfterMs: answer.retryAfterMs, mayHaveActed: false });
  return made('syntax', hints.query);
}

/** A token answer that is an error, by section 2.4. */
export function tokenFailure(answer: IncomingAnswer): QueryFailure {
  const { status } = answer;
  if (status === 429) return restFailure(answer);
  if (status >= 500) return restFailure(answer);
  let read: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(answer.body.toString('utf8'));
    if (typeof value === 'object' && value !== null) read = value as Record<string, unknown>;
  } catch {
    // A page instead of an answer: its status must do.
  }
  const code = typeof read['error'] === 'string' ? read['error'] : `http_${status}`;
  const message =
    typeof read['error_description'] === 'string'
      ? brief(read['error_description'])
      : `The sign-in was refused (${code}).`;
  const hint =
    code === 'invalid_client'
      ? hints.credentials
      : code === 'access_denied'
        ? hints.unit
        : code === 'invalid_scope'
          ? hints.rights
          : hints.reconnect;
  return new QueryFailure({ kind: 'auth', code, message, hint, status });
}

/** Faults of SOAP, by section 4.4. */
export function faultFailure(code: string, words: string, status: number): QueryFailure {
  const message = plainWords(words).join(' ') || 'The service refused the call.';
  if (/security/i.test(code))
    return new QueryFailure({ kind: 'auth', code: 'not_authorized', message, hint: hints.reconnect, status });
  if (/client/i.test(code))
    return new QueryFailure({ kind: 'provider', code: 'soap_client', message, hint: hints.odd, status });
  return new QueryFailure({ kind: 'quota', code: 'soap_throttled', message, hint: hints.wait, status });
}

/** What one object of a create, update, delete or perform was refused for. */
export function resultFailure(code: number | null, words: string): QueryFailure {
  const message = queryWords(words).join('\n') || 'The service refused it without a word.';
  const made = (kind: QueryFailureFacts['kind'], hint: string, more: Facts = {}) =>
    new QueryFailure({ kind, code: code === null ? 'refused' : `soap_${code}`, message, hint, status: 200, ...more });
  if (/permission|privilege/i.test(message)) return made('auth', hints.rights);
  // Unknown codes are not repeated unless the words name what passes by itself.
  if (/time-?d?\s?out|deadlock/i.test(message)) return made('provider', hints.wait, { retryable: true });
  if (
    /Query field|syntax|column|object name|aggregate|identifier|function|Target Data Extension|Must declare|ORDER BY/i.test(
      words,
    )
  )
    return made('syntax', hints.query);
  return made('provider', hints.query);
}

/** A query that failed while it ran. */
export function runFailure(words: string): QueryFailure {
  const message = queryWords(words).join('\n') || 'The query failed at the service, which did not say why.';
  if (/time-?d?\s?out|30 minutes/i.test(message))
    return new QueryFailure({ kind: 'timeout', code: 'query_timed_out', message, hint: hints.limit });
  if (/deadlock/i.test(message))
    return new QueryFailure({ kind: 'provider', code: 'query_failed', message, hint: 'Run it again.' });
  return new QueryFailure({ kind: 'syntax', code: 'query_failed', message, hint: hints.query });
}

/** An answer that is not what the service should send. Says nothing of its content, which may be rows. */
export const unreadable = (why: string, status: number | null = null, retryable = true): QueryFailure =>
  new QueryFailure({ kind: 'provider', code: 'answer_unreadable', message: why, hint: hints.odd, retryable, status });
