import type { Json } from '../document.ts';
import { evaluateBoolean } from '../expressions/evaluate.ts';
import { isLanguageFailure } from '../expressions/failure.ts';
import type { Scope } from '../expressions/scope.ts';
import type { HttpRequest } from './effects.ts';
import type { ErrorFacts } from './failures.ts';

/** What an `http` step gets back; also what `response` is in `expect.json`. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  /** Parsed where it is JSON, else text. */
  readonly body: Json;
}

/** So much of an unexpected answer's body stands in the error. */
export const shownBodyCharacters = 4096;

const fits = (status: number, wanted: string | number): boolean =>
  typeof wanted === 'number'
    ? wanted === status
    : /^\dxx$/.test(wanted)
      ? Math.floor(status / 100) === Number(wanted[0])
      : Number(wanted) === status;

/**
 * The error of an answer that the step does not expect, or null (§6). Pure, for the activity that has the answer:
 * a sealed one never leaves it unchecked. `retryAfterMs` is what the answer's `Retry-After` asked for.
 */
export function httpFailure(
  response: HttpResponse,
  expect: HttpRequest['expect'],
  retryAfterMs?: number,
): ErrorFacts | null {
  const { status, body } = response;
  const facts = (message: string, retryable?: boolean): ErrorFacts => ({
    code: 'http.unexpected_status',
    message,
    ...(retryable === undefined ? {} : { retryable }),
    details: { status, body: shown(body) },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  if (!expect.status.some((wanted) => fits(status, wanted))) return facts(`The answer has status ${status}.`);
  if (expect.json === null) return null;
  try {
    if (evaluateBoolean(expect.json, scopeOf(response))) return null;
    return facts(`The answer (${status}) does not fit: ${expect.json}`, false);
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    return { code: error.code, message: error.message, retryable: false, details: { status, body: shown(body) } };
  }
}

const shown = (body: Json): string =>
  (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, shownBodyCharacters);

/** `expect.json` sees the answer and nothing else. */
function scopeOf({ status, headers, body }: HttpResponse): Scope {
  const run = { id: '', title: '', trigger: '', actor: { name: '', email: '' }, startedAt: '1970-01-01T00:00:00Z', dryRun: false, url: '', playbook: { name: '', version: 0 } }; // prettier-ignore
  return {
    inputs: {},
    vars: {},
    steps: {},
    run,
    secrets: [],
    locals: { response: { status, headers, body } },
    nowMs: 0,
  };
}

/** Milliseconds that a `Retry-After` header asks for: seconds, or an HTTP date. Undefined where it says nothing usable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
