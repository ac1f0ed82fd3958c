import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { egressRule } from './address-guard.ts';
import {
  type GuardOptions,
  permittedAddresses,
  readRetryAfter,
  readUrl,
  reasonOf,
  untilAborted,
} from './guarded-request.ts';
import { HttpFailure } from './http-failure.ts';
import { pinned } from './kept-connections.ts';

export interface Upload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Read once, as fast as the receiver takes it. What breaks it breaks the request, so that no body looks whole that is not. */
  readonly body: AsyncIterable<Buffer>;
  /** Bytes of the body, where they are known; else it goes in chunks, and `trailers` follow it. */
  readonly length?: number | undefined;
  /** Asked once the last byte has gone. Their names stand in the header `Trailer`. */
  readonly trailers?: (() => Readonly<Record<string, string>>) | undefined;
  /** The longest silence of the receiver. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * One POST whose body is too large to be kept, under the same guard as `guardedRequest`. Redirects are not followed.
 * @returns the receiver's word; one that refuses early is heard before the whole body was sent
 * @throws HttpFailure where no answer came; whatever the body fails by
 */
export async function guardedUpload(
  { url: address, headers, body, length, trailers, silenceMs, signal }: Upload,
  guard: GuardOptions,
): Promise<{ status: number; retryAfterMs: number | null }> {
  const url = readUrl(address);
  const addresses = await untilAborted(permittedAddresses(url, egressRule(guard.allow), guard), signal).catch(
    (error: unknown) => unreachable(url, error, signal),
  );
  const ended = new AbortController();
  const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, {
    method: 'POST',
    agent: false,
    lookup: pinned(addresses),
    headers: { 'user-agent': 'Windlass', ...headers, ...(length !== undefined && { 'content-length': length }) },
    timeout: silenceMs,
    signal,
  });
  request.once('timeout', () =>
    request.destroy(new HttpFailure('http.timed_out', `${url.host} was silent for ${silenceMs} ms.`)),
  );
  let broken: unknown;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', (error) => {
      broken = error;
      reject(error);
    });
  });
  answered.catch(() => undefined);
  // Who waits for the receiver to take more would wait for ever.
  request.once('close', () => ended.abort());
  const written = write(request, body, trailers, ended.signal);
  written.catch(() => undefined);
  try {
    const answer = await Promise.race([answered, written.then(() => answered)]);
    answer.resume();
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) await written;
    return { status, retryAfterMs: readRetryAfter(answer.headers['retry-after']) };
  } catch (error) {
    signal.throwIfAborted();
    // A body that fails is told as such; a connection that fails by its own words.
    if (error === broken) return unreachable(url, error, signal);
    if (error instanceof Error && error.name === 'AbortError')
      return unreachable(url, broken ?? new Error('it closed the connection'), signal);
    throw error;
  } finally {
    ended.abort();
    request.destroy();
  }
}

async function write(
  request: ClientRequest,
  body: AsyncIterable<Buffer>,
  trailers: Upload['trailers'],
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of body) {
    signal.throwIfAborted();
    if (!request.write(chunk)) await once(request, 'drain', { signal });
  }
  if (trailers) request.addTrailers({ ...trailers() });
  request.end();
}

function unreachable(url: URL, error: unknown, signal: AbortSignal): never {
  if (error instanceof HttpFailure) throw error;
  signal.throwIfAborted();
  throw new HttpFailure('http.unreachable', `${url.host} cannot be reached: ${reasonOf(error)}.`, error);
}
