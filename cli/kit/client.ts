import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as undici from 'undici';
import { fillAddress } from '#contracts/kit/address.ts';
import type { RouteArguments, RouteDef, RouteResult } from '#contracts/kit/route.ts';
import { type OperationId, routes } from '#contracts/routes.ts';
import { Refused, refusalOf } from './exits.ts';
import type { Target } from './settings.ts';
import { note } from './terminal.ts';

type Table = typeof routes;
/** The table with each operation seen as any other. */
export const table: Readonly<Record<string, RouteDef>> = routes;

export interface Sent {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  /** As it goes out. */
  readonly body?: string | Blob | ReadableStream<Uint8Array> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}
export interface ClientOptions {
  readonly target: Target;
  /** Tells on stderr of each call. */
  readonly isVerbose: boolean;
}
type CallArguments<R extends RouteDef> = RouteArguments<R> & Pick<Sent, 'signal' | 'idempotencyKey'>;

const mostAttempts = 4;
const mostWaitMs = 60_000;
const busy: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Calls the API by its own route table. */
export class Client {
  readonly #options: ClientOptions;
  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** The answer to a typed call. @throws Refused */
  async call<Id extends OperationId>(id: Id, args: CallArguments<Table[Id]>): Promise<RouteResult<Table[Id]>> {
    const { params, query, body, signal, idempotencyKey } = args as Omit<Sent, 'body'> & { body?: unknown };
    const response = await this.send(id, {
      params,
      query,
      signal,
      idempotencyKey,
      ...(body !== undefined &&
        body !== null && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    // The server holds its answers to the contract: tests of each route do.
    return (response.status === 204 ? undefined : await response.json()) as RouteResult<Table[Id]>;
  }

  /**
   * A good answer, its body unread. What is safe to repeat is repeated a few times where the server is busy or away, as
   * far apart as it asks for. @throws Refused
   */
  async send(id: string, sent: Sent): Promise<Response> {
    const def = table[id];
    if (!def) throw new Error(`There is no operation ${id}.`);
    const idempotencyKey = def.idempotent ? (sent.idempotencyKey ?? randomUUID()) : undefined;
    const isRepeatable = (def.method === 'GET' || def.idempotent === true) && !(sent.body instanceof ReadableStream);
    for (let attempt = 1; ; attempt++) {
      const last = !isRepeatable || attempt === mostAttempts;
      let response: Response | undefined;
      let refused: Refused;
      try {
        response = await this.#once(id, def, sent, idempotencyKey);
        if (isGood(def, response)) return response;
        refused = await refusalOf(response);
      } catch (error) {
        if (sent.signal?.aborted) throw error;
        if (error instanceof Refused) throw error;
        refused = unreachable(this.#options.target.url, error);
      }
      // The first of two calls by one key may still be answered when the second comes.
      const isPassing = !response || busy.has(response.status) || refused.code === 'request.in_flight';
      if (last || !isPassing) throw refused;
      const asked = Number(response?.headers.get('retry-after')) * 1_000;
      if (asked > mostWaitMs) throw refused;
      const waitMs = asked > 0 ? asked : 250 * 2 ** attempt * (0.75 + Math.random() / 2);
      if (this.#options.isVerbose) note(`  ${refused.code}; again in ${Math.round(waitMs)} ms`);
      await sleep(waitMs, undefined, { signal: sent.signal });
    }
  }

  async #once(id: string, def: RouteDef, sent: Sent, idempotencyKey: string | undefined): Promise<Response> {
    const { target, isVerbose } = this.#options;
    const { url, apiKey, workspace } = target;
    const isOpen = def.access === 'public';
    if (!isOpen && !apiKey)
      throw new Refused({ code: 'cli.signed_out', message: `No key is known for ${url}.`, status: 401 });
    const begun = performance.now();
    let outcome = 'no answer';
    try {
      const response = await (def.stream === 'file' ? patientFetch : fetch)(`${url}${fillAddress(def.path, sent)}`, {
        method: def.method,
        redirect: 'manual', // a key goes nowhere but where it was meant to go
        headers: {
          accept: 'application/json',
          ...(!isOpen && { authorization: `Bearer ${apiKey}` }),
          ...(!isOpen && workspace && { 'x-workspace': workspace }),
          ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
          ...sent.headers,
        },
        ...(sent.body !== undefined && { body: sent.body }),
        ...(sent.body instanceof ReadableStream && { duplex: 'half' }),
        ...(sent.signal && { signal: sent.signal }),
      } as RequestInit);
      outcome = String(response.status);
      return response;
    } finally {
      // Without the query, and with the pattern where the path itself is a secret.
      const path = def.secretPath ? def.path : fillAddress(def.path, { params: sent.params });
      if (isVerbose) note(`${def.method} ${path} ${outcome} ${Math.round(performance.now() - begun)} ms (${id})`);
    }
  }
}

/**
 * Waits for bytes as long as the server makes them: a database may think for longer than `fetch` would wait. A peer that is
 * gone is told by the connection itself.
 */
const patientFetch: typeof fetch = async (address, init) => {
  const { Agent, fetch: fetchPatiently } = await import('undici'); // only for files: it takes a tenth of a second to load
  const dispatcher = new Agent({ bodyTimeout: 0 });
  // The same interface by two names: Node's own `fetch` is a copy of this one.
  return (await fetchPatiently(address as string, {
    ...(init as undici.RequestInit),
    dispatcher,
  })) as unknown as Response;
};

/** Routes that write their answer themselves may lead elsewhere on purpose. */
const isGood = ({ stream }: RouteDef, { ok, status }: Response): boolean =>
  ok || (stream === 'raw' && status >= 300 && status < 400);

const unreachable = (url: string, error: unknown): Refused => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  const why = typeof code === 'string' ? code : cause instanceof Error ? cause.message : String(cause);
  return new Refused({ code: 'network.unreachable', message: `${url} cannot be reached (${why}).` });
};
