import { setTimeout as delay } from 'node:timers/promises';
import type { Cell } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { type GuardOptions } from '../http/guarded-request.ts';
import { guardedStream, type StreamedAnswer } from '../http/guarded-stream.ts';
import { fullJitterMs } from '../http/retry.ts';
import { type CsvFormat, CsvError, CsvReader, usualCsv } from './csv-reader.ts';
import { failureOf, networkFailure, unreadable, wordsOf } from './failures.ts';

/** Gives the addresses of a result's files; asked again when one has expired. */
export type UrlSource = (options: { isFresh: boolean; signal?: AbortSignal | undefined }) => Promise<readonly string[]>;
export interface DownloadOptions {
  readonly urls: UrlSource;
  readonly guard: GuardOptions;
  readonly format?: CsvFormat;
  readonly signal?: AbortSignal | undefined;
  /** Breaks in a row, without one byte in between, after which it is given up. */
  readonly mostBreaks?: number;
  /** For tests. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}
/** A place in a result: the file, its byte, and how many rows come before. */
export interface Place {
  readonly part: number;
  readonly byte: number;
  readonly row: number;
  /** Of the file, so that nobody goes on in another than he began. */
  readonly etag: string | null;
}
export interface ResultRow {
  readonly cells: readonly Cell[];
  /** Where the next row is. */
  readonly next: Place;
}
export const firstPlace: Place = { part: 0, byte: 0, row: 0, etag: null };

const timeouts = { timeoutMs: 60_000, silenceMs: 60_000 };
const expired = (): QueryFailure =>
  new QueryFailure({
    kind: 'provider',
    code: 'rows_expired',
    message: 'The service no longer holds the rows of this run.',
    hint: 'Run it again.',
    status: 404,
  });
const changed = (): QueryFailure =>
  new QueryFailure({
    kind: 'provider',
    code: 'result_changed',
    message: 'The result is not the one that was begun.',
    hint: 'Read it again from its start.',
  });

/**
 * The rows of a result from a place on, file by file, header lines left out. One chunk is in memory at a time. A connection
 * that breaks goes on at its byte, an address that has expired is renewed; a file that ends early is a failure, never an end.
 * `onHeader` is told the names once, before the first row that follows a header.
 */
export async function* readRows(
  from: Place,
  options: DownloadOptions,
  onHeader?: (names: readonly string[]) => void,
): AsyncGenerator<ResultRow> {
  let urls = await options.urls({ isFresh: false, signal: options.signal });
  let { row } = from;
  let place = from;
  while (place.part < urls.length) {
    const { part } = place;
    let isHeader = place.byte === 0;
    const reader = new CsvReader(place.byte, options.format ?? usualCsv);
    const bytes = readPart(place, urls, options, (fresh) => (urls = fresh));
    let etag = place.etag;
    try {
      for await (const piece of withEnd(bytes)) {
        for (const { cells, endByte } of piece === null ? reader.end() : reader.push(piece.chunk)) {
          if (piece) ({ etag } = piece);
          if (isHeader) {
            isHeader = false;
            onHeader?.(cells.map((cell) => cell ?? ''));
            continue;
          }
          row++;
          yield { cells, next: { part, byte: endByte, row, etag } };
        }
      }
    } catch (error) {
      if (error instanceof CsvError) throw unreadable(error.message, true, error);
      throw error;
    }
    place = { part: part + 1, byte: 0, row, etag: null };
  }
}

async function* withEnd<T>(source: AsyncIterable<T>): AsyncGenerator<T | null> {
  yield* source;
  yield null;
}

interface Piece {
  readonly chunk: Buffer;
  readonly etag: string | null;
}
/** Bytes of one file from a place on, over as many connections and addresses as it takes. */
async function* readPart(
  place: Place,
  known: readonly string[],
  options: DownloadOptions,
  onFresh: (urls: readonly string[]) => void,
): AsyncGenerator<Piece> {
  const { mostBreaks = 6, signal } = options;
  let urls = known;
  let byte = place.byte;
  let etag = place.etag;
  let breaks = 0;
  let isRenewed = false;
  for (;;) {
    signal?.throwIfAborted();
    const url = urls[place.part];
    if (url === undefined) throw changed();
    let answer: StreamedAnswer | undefined;
    try {
      // No token goes along: the address is the right to read, and S3 refuses two.
      const headers = {
        ...(byte > 0 && { range: `bytes=${byte}-`, ...(etag && { 'if-match': etag }) }),
        'accept-encoding': 'identity',
      };
      answer = await guardedStream({ url, headers, ...timeouts, signal }, options.guard);
      if (answer.status === 403 && !isRenewed) {
        urls = await options.urls({ isFresh: true, signal });
        onFresh(urls);
        isRenewed = true;
        continue;
      }
      if (answer.status === 416) return; // exactly all of it was read before
      if (answer.status === 412) throw changed();
      if (answer.status === 404) throw expired();
      if (answer.status !== 200 && answer.status !== 206)
        throw failureOf({ status: answer.status, body: await short(answer), retryAfterMs: answer.retryAfterMs }, true);
      const total = wholeLength(answer, byte);
      etag = answer.headers['etag'] ?? etag;
      if (place.etag && etag !== place.etag) throw changed();
      // A server that knows no ranges begins at the beginning.
      let skip = answer.status === 200 ? byte : 0;
      for await (const chunk of answer.body) {
        const rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        if (rest.length === 0) continue;
        breaks = 0;
        isRenewed = false;
        byte += rest.length;
        yield { chunk: rest, etag };
      }
      if (total === null || byte >= total) return;
      throw unreadable('The file ended before its end.', true);
    } catch (error) {
      signal?.throwIfAborted();
      const failure = networkFailure(error, true);
      if (!failure.facts.retryable || ++breaks > mostBreaks) throw failure;
      const waitMs = (failure.facts.retryAfterMs ?? 0) + fullJitterMs(breaks, { baseMs: 500, capMs: 10_000 });
      await (options.sleep ?? sleepPlainly)(waitMs, signal);
    } finally {
      answer?.close();
    }
  }
}
const sleepPlainly = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  await delay(ms, undefined, { signal });
};

/** Bytes of the whole file, by what the answer says; null where it does not say. */
function wholeLength({ status, headers }: StreamedAnswer, fromByte: number): number | null {
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  if (total !== undefined) return Number(total);
  const length = headers['content-length'];
  return length === undefined ? null : Number(length) + (status === 206 ? fromByte : 0);
}
/** The beginning of a refusal's body. */
async function short(answer: StreamedAnswer): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    kept.push(chunk);
    if ((bytes += chunk.length) > 4_096) break;
  }
  return JSON.stringify({ details: wordsOf(Buffer.concat(kept).toString('utf8')) });
}
