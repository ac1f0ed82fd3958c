import { QueryFailure } from '#contracts/queries/failures.ts';
import type { CallSlot } from '../engines/material.ts';
import { callKind } from '../http/call-kind.ts';
import type { IncomingAnswer, OutgoingRequest } from '../http/guarded-request.ts';
import { type RetryPolicy, judgeOnce, judgeRepeatable, withRetries } from '../http/retry.ts';
import { restFailure, unreadable } from './failures.ts';
import type { TokenSet } from './oauth.ts';
import { type Ask, readJson } from './transport.ts';

/**
 * Where tokens come from. The caller keeps them and refreshes them, one refresh at a time for a connection; `singleFlight`
 * does that within one process.
 */
export interface TokenSource {
  /** A token that should work. */
  current(signal?: AbortSignal): Promise<TokenSet>;
  /** The service refused this one: another, unless somebody has renewed it meanwhile. */
  renew(spent: TokenSet, signal?: AbortSignal): Promise<TokenSet>;
}

/** Lets all who ask at once share one refresh. */
export function singleFlight(source: TokenSource): TokenSource {
  let renewing: Promise<TokenSet> | null = null;
  return {
    current: (signal) => renewing ?? source.current(signal),
    renew(spent) {
      // Without the signal of whoever came first: others wait for the same answer.
      renewing ??= (async () => {
        const now = await source.current();
        // Refused a moment late: somebody has renewed it since.
        return now.accessToken.reveal() === spent.accessToken.reveal() ? source.renew(spent) : now;
      })().finally(() => (renewing = null));
      return renewing;
    },
  };
}

export interface CallTools {
  readonly ask: Ask;
  readonly tokens: TokenSource;
  /** Waits for a place in the connection's budget of calls. */
  readonly slot?: CallSlot | undefined;
  readonly retries?: RetryPolicy | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

export interface CallOptions {
  /** The call may be repeated after its answer was lost: it reads, or what it made can be met again. */
  readonly isRepeatable: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** For descriptions of things; rows take longer. */
export const metadataTimeoutMs = 30_000;
export const rowsTimeoutMs = 120_000;

/** Calls of one business unit: with a live token, a place in the budget, and patience. */
export class SfmcCalls {
  readonly #tools: CallTools;
  constructor(tools: CallTools) {
    this.#tools = tools;
  }

  /**
   * Sends what `make` builds for a token and reads it with `read`. A refused token is renewed once and the call repeated
   * once; busy moments are waited out.
   * @throws QueryFailure
   */
  async send<T>(
    make: (tokens: TokenSet) => OutgoingRequest,
    read: (answer: IncomingAnswer) => T,
    options: CallOptions,
  ): Promise<T> {
    const { isRepeatable, signal } = options;
    const slot = this.#tools.slot ?? ((work) => work());
    let hasRenewed = false;
    const once = async (tokens: TokenSet): Promise<T> => {
      let status = 0;
      try {
        const timeout = options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs };
        const request = { ...make(tokens), ...timeout, ...(signal && { signal }) };
        const kind = callKind(request.method, request.url, request.headers?.['soapaction']);
        const answer = await slot(() => this.#tools.ask(request, { isRepeatable }), kind);
        status = answer.status;
        return read(answer);
      } catch (error) {
        throw isRepeatable ? error : actedMaybe(error, status);
      }
    };
    return withRetries(
      async () => {
        const tokens = await this.#tools.tokens.current(signal);
        try {
          return await once(tokens);
        } catch (error) {
          const isRefused =
            error instanceof QueryFailure && error.facts.kind === 'auth' && error.facts.code === 'not_authorized';
          if (!isRefused || hasRenewed) throw error;
          hasRenewed = true;
          return await once(await this.#tools.tokens.renew(tokens, signal));
        }
      },
      {
        signal,
        judge: isRepeatable ? judgeRepeatable : judgeOnce,
        ...(this.#tools.retries && { policy: this.#tools.retries }),
        ...(this.#tools.sleep && { sleep: this.#tools.sleep }),
      },
    );
  }

  /** A REST call whose answer is JSON. `path` is below the REST base, without a slash before it. */
  rest(method: string, path: string, options: CallOptions & { body?: object }): Promise<unknown> {
    return this.send(
      ({ restUrl, accessToken }) => ({
        method,
        url: restAddress(restUrl, path),
        timeoutMs: metadataTimeoutMs,
        headers: {
          authorization: `Bearer ${accessToken.reveal()}`,
          accept: 'application/json',
          ...(options.body && { 'content-type': 'application/json' }),
        },
        ...(options.body && { body: JSON.stringify(options.body) }),
      }),
      (answer) => {
        if (answer.status < 200 || answer.status > 299) throw restFailure(answer);
        return readJson(answer);
      },
      options,
    );
  }
}

/** What a link of the service leads to may only be the service. */
function restAddress(base: string, path: string): string {
  const url = new URL(path.replace(/^\/+/, ''), base);
  if (url.origin !== new URL(base).origin)
    throw unreadable('The service gave a link that leads elsewhere.', null, false);
  return url.href;
}

/** A call that must not be repeated: an answer that cannot be read, or a gateway's, leaves open whether it was carried out. */
function actedMaybe(error: unknown, status: number): unknown {
  if (!(error instanceof QueryFailure)) return error;
  const isOpen = error.facts.code === 'answer_unreadable' || status === 502 || status === 504;
  return isOpen ? new QueryFailure({ ...error.facts, mayHaveActed: true }, error) : error;
}
