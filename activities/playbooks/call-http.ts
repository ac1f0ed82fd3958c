import { CancelledFailure } from '@temporalio/activity';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { Json as LanguageJson, JsonObject } from '#contracts/playbooks/document.ts';
import type { HttpRequest, Reply } from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import { evaluateBoolean } from '#contracts/playbooks/expressions/evaluate.ts';
import { isLanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import { type SecretRef, fillSecrets, secretRefsIn } from '#contracts/playbooks/expressions/scope.ts';
import { type Masker, createMasker, maskJson } from '#contracts/playbooks/masking.ts';
import { type GuardOptions, type IncomingAnswer, guardedRequest } from '#connectors/http/guarded-request.ts';
import { HttpFailure } from '#connectors/http/http-failure.ts';
import { whileBeating } from '../kit/while-beating.ts';

export interface HttpCall {
  workspaceId: string;
  runId: string;
  /** On whose behalf secrets are read; for the audit log. */
  actor?: ActorRef | null;
  request: HttpRequest;
}
export interface HttpCallTools {
  /** Opens what the request's references name, and every other secret of the run, for masking. */
  openSecrets: (
    call: Pick<HttpCall, 'workspaceId' | 'runId' | 'actor'>,
    refs: readonly SecretRef[],
  ) => Promise<{ reveal: (ref: SecretRef) => LanguageJson; values: readonly string[] }>;
  /** Seals the result of a `sensitive` step under this name. */
  keepSealed: (call: Pick<HttpCall, 'workspaceId' | 'runId'>, name: string, value: LanguageJson) => Promise<void>;
  /** The workspace's `egressAllow`. */
  readAllowed: (workspaceId: string) => Promise<readonly string[]>;
  isOwnPort?: GuardOptions['isOwnPort'];
  resolve?: GuardOptions['resolve'];
}

const defaultTimeoutMs = 30_000;
/** Of an answer outside `expect`, in the error's details. */
const detailBytes = 4_096;

/** The `http` step (playbook-language §6). */
export const httpActivities = (tools: HttpCallTools) => ({
  /** Repeatable as far as the method is: the workflow gives one attempt to what may not be repeated. */
  callHttp: (call: HttpCall): Promise<Reply> =>
    whileBeating(async (signal) => {
      try {
        return await callHttp(tools, call, signal);
      } catch (error) {
        if (signal.aborted || error instanceof CancelledFailure) return { kind: 'canceled' };
        throw error;
      }
    }),
});

/** One request by the step's rules; never throws for what the other side does. */
export async function callHttp(tools: HttpCallTools, call: HttpCall, signal?: AbortSignal): Promise<Reply> {
  const { request, workspaceId } = call;
  const secretFields: LanguageJson[] = [request.headers, request.query, request.body, request.auth];
  const { reveal, values } = await tools.openSecrets(call, secretFields.flatMap(secretRefsIn));
  const masker = createMasker(values);
  const guard: GuardOptions = {
    allow: await tools.readAllowed(workspaceId),
    isOwnPort: tools.isOwnPort,
    ...(tools.resolve && { resolve: tools.resolve }),
  };
  try {
    const answer = await guardedRequest(
      {
        ...wireOf(request, reveal),
        followRedirects: request.followRedirects,
        timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
        ...(signal && { signal }),
      },
      guard,
    );
    return await judge(tools, call, answer, masker);
  } catch (error) {
    if (error instanceof HttpFailure) return { kind: 'error', error: factsOfFailure(error, masker) };
    if (error instanceof BadRequest)
      return {
        kind: 'error',
        error: { code: 'value.wrong_type', message: masker.mask(error.message), retryable: false },
      };
    throw error;
  }
}

/** A field whose value cannot be sent. */
class BadRequest extends Error {
  override name = 'BadRequest';
}

const factsOfFailure = (error: HttpFailure, masker: Masker): ErrorFacts => {
  const code =
    error.code === 'http.timed_out'
      ? 'step.timed_out'
      : error.code === 'http.url_invalid'
        ? 'value.wrong_type'
        : error.code;
  return { code, message: masker.mask(error.message) };
};

/** The request as it goes out, secrets put in. */
function wireOf(request: HttpRequest, reveal: (ref: SecretRef) => LanguageJson) {
  const url = withQuery(request.url, fillSecrets(request.query, reveal) as JsonObject);
  const headers = headersOf(fillSecrets(request.headers, reveal) as JsonObject);
  const filled = fillSecrets(request.body, reveal);
  const body =
    filled === null || request.method === 'GET' || request.method === 'HEAD'
      ? undefined
      : typeof filled === 'string'
        ? filled
        : JSON.stringify(filled);
  if (body !== undefined)
    headers['content-type'] ??= typeof filled === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  const authorization = authorizationOf(fillSecrets(request.auth, reveal));
  if (authorization !== undefined) headers['authorization'] = authorization;
  return { method: request.method, url, headers, ...(body !== undefined && { body }) };
}

function withQuery(address: string, query: JsonObject): string {
  if (!URL.canParse(address)) return address; // the connector refuses it with its own reason
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as readonly LanguageJson[]) : [value]) {
      if (one !== null) url.searchParams.append(name, textOf(one));
    }
  }
  return url.href;
}

function headersOf(given: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === null) continue;
    const text = Array.isArray(value) ? (value as readonly LanguageJson[]).map(textOf).join(', ') : textOf(value);
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw new BadRequest(`“${name.slice(0, 60)}” is no header name.`);
    // eslint-disable-next-line no-control-regex -- exactly the characters that would end the header
    if (/[\r\n\0]/.test(text)) throw new BadRequest(`The header ${name} holds a line break.`);
    headers[name.toLowerCase()] = text;
  }
  return headers;
}

const textOf = (value: LanguageJson): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `{bearer}`, `{user, password}` or `{basic: {user, password}}`. */
function authorizationOf(auth: LanguageJson): string | undefined {
  if (auth === null) return undefined;
  if (typeof auth !== 'object' || Array.isArray(auth))
    throw new BadRequest('auth must be {bearer} or {user, password}.');
  const { bearer, token, basic, user, username, password } = auth as JsonObject;
  const bearerToken = bearer ?? token;
  if (typeof bearerToken === 'string') return `Bearer ${bearerToken}`;
  if (basic !== undefined) return authorizationOf(basic);
  const name = user ?? username;
  if (typeof name === 'string')
    return `Basic ${Buffer.from(`${name}:${password === undefined || password === null ? '' : textOf(password)}`).toString('base64')}`;
  throw new BadRequest('auth must be {bearer} or {user, password}.');
}

/** Holds the answer against `expect`, and makes the step's output of it. */
async function judge(tools: HttpCallTools, call: HttpCall, answer: IncomingAnswer, masker: Masker): Promise<Reply> {
  const { request } = call;
  const text = answer.body.toString('utf8');
  const raw = {
    status: answer.status,
    headers: answer.headers,
    body: bodyOf(text, answer),
    bytes: answer.bytes,
    truncated: answer.truncated,
  };
  const unexpected = whyUnexpected(request, raw);
  if (unexpected !== null) {
    return {
      kind: 'error',
      error: {
        code: 'http.unexpected_status',
        message: masker.mask(unexpected.message),
        ...(unexpected.isForGood && { retryable: false }),
        details: {
          status: answer.status,
          ...(request.sealed === undefined && { body: masker.mask(text).slice(0, detailBytes) }),
          bytes: answer.bytes,
        },
        ...(answer.retryAfterMs !== null && { retryAfterMs: answer.retryAfterMs }),
      },
    };
  }
  if (request.sealed !== undefined) {
    await tools.keepSealed(call, `${request.sealed}.output`, raw);
    return { kind: 'ok', output: null };
  }
  return { kind: 'ok', output: maskJson(masker, raw as Json) };
}

/** Parsed where it says that it is JSON and is; what was cut stays text. */
function bodyOf(text: string, { headers, truncated }: IncomingAnswer): LanguageJson {
  const type = headers['content-type'] ?? '';
  if (truncated || !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return text;
  try {
    return JSON.parse(text) as LanguageJson;
  } catch {
    return text;
  }
}

const isExpected = (status: number, expected: readonly (string | number)[]): boolean =>
  expected.some((one) =>
    typeof one === 'string' && one.endsWith('xx')
      ? Math.floor(status / 100) === Number(one[0])
      : Number(one) === status,
  );

function whyUnexpected(
  { expect }: HttpRequest,
  response: { status: number; body: LanguageJson; headers: JsonObject },
): { message: string; isForGood: boolean } | null {
  const { status } = response;
  if (!isExpected(status, expect.status))
    return { message: `The answer was ${status}, expected ${expect.status.join(', ')}.`, isForGood: false };
  if (expect.json === null) return null;
  try {
    return evaluateBoolean(expect.json, scopeOfResponse(response))
      ? null
      : { message: `The answer was ${status}, but not ${expect.json}.`, isForGood: true };
  } catch (error) {
    if (!isLanguageFailure(error)) throw error;
    return {
      message: `The answer was ${status}, but ${expect.json} could not be evaluated: ${error.message}`,
      isForGood: true,
    };
  }
}

/** All that `expect.json` can see. */
function scopeOfResponse(response: JsonObject) {
  const run = {
    id: '',
    title: '',
    trigger: '',
    actor: { name: '', email: '' },
    startedAt: '1970-01-01T00:00:00Z',
    dryRun: false,
    url: '',
    playbook: { name: '', version: 0 },
  };
  return { inputs: {}, vars: {}, steps: {}, run, secrets: [], locals: { response }, nowMs: Date.now() };
}
