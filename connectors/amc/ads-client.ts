import { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { Secret } from '#system/secret.ts';
import type { CallSlot } from '../engines/material.ts';
import { callKind } from '../http/call-kind.ts';
import { type GuardOptions, guardedRequest, type IncomingAnswer } from '../http/guarded-request.ts';
import {
  defaultRetries,
  judgeOnce,
  judgeRepeatable,
  type RetryOptions,
  type RetryPolicy,
  withRetries,
} from '../http/retry.ts';
import { failureOf, networkFailure, unreadable } from './failures.ts';

/** Where access tokens come from. One refresh at a time is the source's duty: many calls may find a token stale at once. */
export interface TokenSource {
  current(signal?: AbortSignal): Promise<Secret>;
  /** Another token than this one, which the service refused. */
  renew(refused: Secret, signal?: AbortSignal): Promise<Secret>;
}
export interface AdsClientOptions {
  /** Base of the Ads API (or of the Selling Partner API). */
  readonly base: string;
  readonly clientId: string;
  readonly tokens: TokenSource;
  readonly guard: GuardOptions;
  /** How a request says who asks; by default as the Ads API wants it. */
  readonly authorize?: (token: Secret) => Readonly<Record<string, string>>;
  readonly retries?: RetryPolicy;
  /** Waits for a place in the connection's budget of calls. */
  readonly slot?: CallSlot;
  /** For tests. */
  readonly sleep?: RetryOptions['sleep'];
}
export interface AdsRequest<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly answer: z.ZodType<T>;
  /** True: it may be sent again whatever became of it. GET, PUT and DELETE are, POST is not, unless said. */
  readonly isRepeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of an answer that are taken; more is refused. */
  readonly mostBytes?: number;
}

/** Synchronous answers take up to half a minute (AMC §2.3). */
const timeoutMs = 60_000;
const usualMostBytes = 8 * 1_048_576;

/** Speaks with the Ads API: headers, one refresh on 401, retries that honour `Retry-After`, typed failures, small answers. */
export class AdsClient {
  readonly #options: AdsClientOptions;
  constructor(options: AdsClientOptions) {
    this.#options = options;
  }
  get guard(): GuardOptions {
    return this.#options.guard;
  }

  /** @throws QueryFailure */
  async send<T>(request: AdsRequest<T>): Promise<T> {
    const isRepeatable = request.isRepeatable ?? request.method !== 'POST';
    const { retries = defaultRetries, sleep } = this.#options;
    return withRetries(() => this.#once(request, isRepeatable), {
      policy: retries,
      signal: request.signal,
      judge: isRepeatable ? judgeRepeatable : judgeOnce,
      ...(sleep && { sleep }),
    });
  }

  async #once<T>(request: AdsRequest<T>, isRepeatable: boolean): Promise<T> {
    const { tokens } = this.#options;
    const token = await tokens.current(request.signal);
    let answer = await this.#request(request, token, isRepeatable);
    // 401 says that nothing was done, so even a request that must not be repeated may go again with another token.
    if (answer.status === 401)
      answer = await this.#request(request, await tokens.renew(token, request.signal), isRepeatable);
    const text = answer.body.toString('utf8');
    if (answer.status < 200 || answer.status > 299)
      throw failureOf(
        { status: answer.status, body: text.slice(0, 20_000), retryAfterMs: answer.retryAfterMs },
        isRepeatable,
      );
    if (answer.truncated) throw unreadable('The service answered far more than it should.', isRepeatable);
    let body: unknown;
    try {
      body = text === '' ? {} : JSON.parse(text);
    } catch (error) {
      throw unreadable('The service answered something that is not JSON.', isRepeatable, error);
    }
    const parsed = request.answer.safeParse(body);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw unreadable(`The service's answer lacks ${issue?.path.join('.') || 'its form'}.`, isRepeatable);
  }

  async #request<T>(request: AdsRequest<T>, token: Secret, isRepeatable: boolean): Promise<IncomingAnswer> {
    const { base, clientId, guard, authorize, slot = (work) => work() } = this.#options;
    const send = () =>
      guardedRequest(
        {
          method: request.method,
          url: `${base}${request.path}`,
          headers: {
            ...(authorize?.(token) ?? {
              authorization: `Bearer ${token.reveal()}`,
              'Amazon-Advertising-API-ClientId': clientId,
            }),
            accept: 'application/json',
            ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
            ...request.headers,
          },
          ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
          isRepeatable,
          timeoutMs,
          keepBytes: request.mostBytes ?? usualMostBytes,
          ...(request.signal && { signal: request.signal }),
        },
        guard,
      );
    try {
      return await slot(send, callKind(request.method, request.path));
    } catch (error) {
      request.signal?.throwIfAborted();
      throw networkFailure(error, isRepeatable);
    }
  }
}

/** All pages of a list; a service that repeats a page, or never ends, is cut off. */
export async function allPages<T>(
  read: (nextToken: string | undefined) => Promise<{ items: readonly T[]; nextToken?: string | null | undefined }>,
  mostPages = 500,
): Promise<T[]> {
  const items: T[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await read(token);
    items.push(...answer.items);
    if (!answer.nextToken || seen.has(answer.nextToken)) break;
    seen.add((token = answer.nextToken));
  }
  return items;
}
/** `?a=1&b=2` of what is given; nothing of nothing. */
export function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query.toString()}`;
}
/** One part of a path: what it holds can never lead elsewhere. @throws QueryFailure for what is no name of anything */
export function part(text: string): string {
  // Also percent-encoded, these two are steps and no names to every reader of addresses.
  if (text !== '' && text !== '.' && text !== '..') return encodeURIComponent(text);
  throw new QueryFailure({
    kind: 'syntax',
    code: 'id_invalid',
    message: `"${text}" is no id.`,
    hint: 'Give an id of the service.',
  });
}
