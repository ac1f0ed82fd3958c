import { lookup as systemLookup } from 'node:dns/promises';
import { Agent, type Dispatcher } from 'undici';
import { type Address, type EgressRule, egressRule, isPublicAddress } from './address-guard.ts';
import { HttpFailure } from './http-failure.ts';
import { type Connection, type KeptConnections, dropConnection, newConnection, pinned } from './kept-connections.ts';

/** Name to addresses; the system's resolver unless a test says otherwise. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

export interface GuardOptions {
  /** The workspace's `egressAllow`. */
  readonly allow: readonly string[];
  readonly resolve?: Resolve;
  /** Says what our own servers (database, Temporal) listen on: refused whatever the workspace allows. */
  readonly isOwnPort?: ((address: string, port: number) => boolean) | undefined;
  /** Keeps connections open between requests. Absent: each has its own, since nobody else may meet what it leaves behind. */
  readonly connections?: KeptConnections | undefined;
}

export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly followRedirects?: boolean;
  /**
   * It may be sent again after its answer was lost; by default so of methods that change nothing by coming twice. Only such
   * a request goes over a connection that was used before: that may be closed at the very moment of sending.
   */
  readonly isRepeatable?: boolean;
  /** For all of it: name, connection, redirects, body. */
  readonly timeoutMs: number;
  /** Bytes of the body that are kept. */
  readonly keepBytes?: number;
  readonly signal?: AbortSignal;
}

export interface IncomingAnswer {
  readonly status: number;
  /** Lower-case names; several of one name joined by a comma. */
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** Length of the whole body, or as much of it as was counted. */
  readonly bytes: number;
  readonly truncated: boolean;
  /** Where the answer came from after redirects. */
  readonly url: string;
  /** What `Retry-After` asks for. */
  readonly retryAfterMs: number | null;
}

const mostRedirects = 5;
const defaultKeepBytes = 262_144;
/** A body is counted on to here so that its length can be told; then the connection is closed. */
const mostCountedBytes = 16 * 1_048_576;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * One HTTP request that cannot be led into private networks: the name is resolved once, each address judged, and the
 * connection goes to the very addresses that passed; so at each redirect.
 * @throws HttpFailure where no answer came
 */
export async function guardedRequest(outgoing: OutgoingRequest, guard: GuardOptions): Promise<IncomingAnswer> {
  const rule = egressRule(guard.allow);
  const timeout = AbortSignal.timeout(outgoing.timeoutMs);
  const signal = outgoing.signal ? AbortSignal.any([outgoing.signal, timeout]) : timeout;
  let next = outgoing;
  let url = readUrl(outgoing.url);
  try {
    for (let redirects = 0; ; redirects++) {
      const addresses = await untilAborted(permittedAddresses(url, rule, guard), signal);
      const answer = await requestOnce(url, next, addresses, guard, signal);
      const location = answer.headers['location'];
      if (!outgoing.followRedirects || !redirectStatuses.has(answer.status) || location === undefined) return answer;
      if (redirects >= mostRedirects)
        throw new HttpFailure('http.unreachable', `${url.host} redirects more than ${mostRedirects} times.`);
      const target = readUrl(location, url);
      next = redirected(next, answer.status, url, target);
      url = target;
    }
  } catch (error) {
    if (error instanceof HttpFailure) throw error;
    outgoing.signal?.throwIfAborted();
    if (timeout.aborted)
      throw new HttpFailure('http.timed_out', `${url.host} did not answer within ${outgoing.timeoutMs} ms.`, error);
    throw new HttpFailure('http.unreachable', `${url.host} cannot be reached: ${reasonOf(error)}.`, error);
  }
}

/** A lookup cannot be called off; who waits for it can stop waiting. */
export const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });

export function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new HttpFailure('http.url_invalid', 'The address must begin with http:// or https://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new HttpFailure('http.address_refused', 'An address must not hold a user name or password: use auth.');
  }
  return url;
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80));

/** Resolves a host once and leaves the addresses the connection may go to. */
export async function permittedAddresses(url: URL, rule: EgressRule, guard: GuardOptions): Promise<readonly Address[]> {
  // The URL parser has turned decimal, octal, hexadecimal and shortened forms into four numbers by here.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = url.hostname.startsWith('[') ? 6 : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 4 : undefined;
  const addresses: readonly Address[] = literal
    ? [{ address: host, family: literal }]
    : await (guard.resolve ?? resolveBySystem)(host);
  const isHostAllowed = rule.allowsHost(host);
  const permitted = addresses.filter(({ address }) => {
    if (guard.isOwnPort?.(address, portOf(url))) return false;
    return isPublicAddress(address) || isHostAllowed || rule.allowsAddress(address);
  });
  if (permitted.length > 0) return permitted;
  throw new HttpFailure(
    'http.address_refused',
    `${host} is a private address, which this workspace does not allow. An administrator can allow it in the settings.`,
  );
}

const resolveBySystem: Resolve = async (host) =>
  (await systemLookup(host, { all: true, verbatim: true })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

/** A client for one request to an address that was judged. @param limits in milliseconds, 0 for none */
export const pinnedAgent = (
  addresses: readonly Address[],
  { timeoutMs, ...limits }: { timeoutMs: number; headersTimeout: number; bodyTimeout: number },
): Agent =>
  new Agent({
    connect: {
      lookup: pinned(addresses),
      timeout: Math.min(timeoutMs, 10_000),
      allowH2: false,
      autoSelectFamily: true,
    },
    allowH2: false,
    ...limits,
    pipelining: 0,
    maxHeaderSize: 64 * 1024,
  });

/** Methods that mean the same once or twice. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

async function requestOnce(
  url: URL,
  outgoing: OutgoingRequest,
  addresses: readonly Address[],
  { connections }: GuardOptions,
  signal: AbortSignal,
): Promise<IncomingAnswer> {
  const isRepeatable = outgoing.isRepeatable ?? idempotent.has(outgoing.method.toUpperCase());
  const kept = isRepeatable ? connections?.take(url.origin, addresses) : undefined;
  if (kept) {
    try {
      return await requestOver(kept, url, outgoing, connections, signal);
    } catch (error) {
      if (signal.aborted || !isClosed(error)) throw error;
    }
  }
  const options = {
    timeoutMs: outgoing.timeoutMs,
    isKept: connections !== undefined,
    idleMs: connections?.idleMs ?? 1,
  };
  return requestOver(newConnection(url.origin, addresses, options), url, outgoing, connections, signal);
}

/** The other side has closed the connection: before, or just as something was sent. */
const isClosed = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(String(error.code));

async function requestOver(
  connection: Connection,
  url: URL,
  outgoing: OutgoingRequest,
  connections: KeptConnections | undefined,
  signal: AbortSignal,
): Promise<IncomingAnswer> {
  let isWhole = false;
  try {
    const answer = await connection.client.request({
      path: `${url.pathname}${url.search}`,
      method: outgoing.method as Dispatcher.HttpMethod,
      headers: { 'user-agent': 'Windlass', accept: '*/*', ...outgoing.headers },
      ...(outgoing.body !== undefined && { body: outgoing.body }),
      signal,
    });
    const headers = flatHeaders(answer.headers);
    const declared = Number(headers['content-length']);
    const { isCut, ...body } = await readBody(answer.body, outgoing.keepBytes ?? defaultKeepBytes, declared);
    isWhole = !isCut;
    return {
      status: answer.statusCode,
      headers,
      ...body,
      url: url.href,
      retryAfterMs: readRetryAfter(headers['retry-after']),
    };
  } finally {
    if (connections && isWhole) connections.keep(connection);
    else dropConnection(connection);
  }
}

async function readBody(stream: Dispatcher.ResponseData['body'], keepBytes: number, declared: number) {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let bytes = 0;
  let isCut = false;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (keptBytes < keepBytes) {
      const part = chunk.subarray(0, keepBytes - keptBytes);
      kept.push(part);
      keptBytes += part.length;
    }
    isCut = bytes > keepBytes && (declared >= bytes || bytes > mostCountedBytes);
    if (isCut) break;
  }
  return {
    isCut,
    body: Buffer.concat(kept),
    bytes: Math.max(bytes, declared >= bytes ? declared : 0),
    truncated: bytes > keepBytes,
  };
}

export const flatHeaders = (headers: Record<string, string | string[] | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );

/** Reads `Retry-After`: seconds, or a date. An hour at most. */
export function readRetryAfter(value: string | undefined, nowMs = Date.now()): number | null {
  if (value === undefined) return null;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : null;
}

/** The request after a redirect, as browsers do: another origin gets no credentials, 303 and POST become GET. */
function redirected(outgoing: OutgoingRequest, status: number, from: URL, to: URL): OutgoingRequest {
  const becomesGet =
    status === 303 ? outgoing.method !== 'HEAD' : (status === 301 || status === 302) && outgoing.method === 'POST';
  const dropped = new Set([
    ...(from.origin === to.origin ? [] : ['authorization', 'cookie', 'proxy-authorization', 'host']),
    ...(becomesGet ? ['content-type', 'content-length', 'content-encoding'] : []),
  ]);
  const headers = Object.fromEntries(
    Object.entries(outgoing.headers ?? {}).filter(([name]) => !dropped.has(name.toLowerCase())),
  );
  return { ...outgoing, headers, ...(becomesGet && { method: 'GET', body: undefined }) };
}

/** A short reason without addresses of ours: the code where there is one. */
export function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  if (inner instanceof Error) return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
  return String(inner);
}
