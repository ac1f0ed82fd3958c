import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Cell, PageRequest, PollResult, QueryColumn, QueryPage, RunRef } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { pageCursor } from '../engines/page-cursor.ts';
import { withRetries } from '../http/retry.ts';
import { firstPlace, type Place, readRows, type UrlSource } from './downloads.ts';
import type { AmcEngineOptions } from './engine-options.ts';
import { type AmcExecution, isFinal, readDownloadUrls, readExecution } from './executions.ts';
import { executionFailure } from './failures.ts';
import { columnsOf } from './query-text.ts';

/** Addresses are good for ten minutes; with a margin for a slow reader. */
const urlLifeMs = 8 * 60_000;
const mostRemembered = 200;
/** Results can be unavailable for some minutes after success (AMC §4.4). */
const notReadyRetries = { attempts: 40, baseMs: 2_000, capMs: 10_000, patienceMs: 30_000 };
/** The end of a run is told late by no more than this, where Amazon is slow to give the head of its result. */
const headerMs = 5_000;

const cursors = pageCursor(
  z.tuple([z.int().nonnegative(), z.int().nonnegative(), z.int().nonnegative(), z.string().max(200).nullable()]),
  { message: 'This is no place in the result.', hint: 'Read the result from its start.' },
);
const writeCursor = ({ part, byte, row, etag }: Place): string => cursors.write([part, byte, row, etag]);
function readCursor(cursor: string): Place {
  const [part, byte, row, etag] = cursors.read(cursor);
  return { part, byte, row, etag };
}

/** Looks at executions and reads their rows, page by page or all in one stream. Keeps addresses and column names, never rows. */
export class AmcResults {
  readonly #options: AmcEngineOptions;
  readonly #urls = new Map<string, { urls: readonly string[]; untilMs: number }>();
  readonly #headers = new Map<string, readonly string[]>();
  constructor(options: AmcEngineOptions) {
    this.#options = options;
  }
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#options.sleep ? this.#options.sleep(ms, signal) : delay(ms, undefined, { signal });
  }
  #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  async poll(ref: RunRef, signal?: AbortSignal): Promise<PollResult> {
    const { client, instance } = this.#options;
    let execution: AmcExecution;
    try {
      execution = await readExecution(client, instance, idOf(ref), signal);
    } catch (error) {
      if (!(error instanceof QueryFailure) || error.facts.status !== 404) throw error;
      throw new QueryFailure(
        { ...error.facts, code: 'execution_gone', hint: 'The execution was deleted at Amazon. Run the query again.' },
        error,
      );
    }
    const states = {
      pending: 'queued',
      running: 'running',
      unknown: 'running',
      succeeded: 'succeeded',
      failed: 'failed',
      rejected: 'failed',
      cancelled: 'canceled',
    } as const;
    const state = states[execution.state];
    return {
      state,
      ref: { ...ref, parts: { ...ref.parts, expiresAt: execution.expiresAt } },
      pollAfterMs: isFinal(execution) ? 0 : pollAfterMs(this.#now() - Date.parse(ref.begunAt)),
      rowCount: null,
      columns: null,
      failure: state === 'failed' ? executionFailure(execution.status, execution.reason).facts : null,
      note: execution.state === 'unknown' ? `Amazon calls its state ${execution.status}.` : execution.reason || null,
    };
  }

  /** By the header of the result; null where it is not to be had at once, for a run has succeeded without it. */
  async columns(ref: RunRef, known: readonly QueryColumn[], signal?: AbortSignal): Promise<QueryColumn[] | null> {
    const soon = AbortSignal.timeout(headerMs);
    try {
      const header = await this.#readHeader(ref, signal ? AbortSignal.any([signal, soon]) : soon);
      return header.length > 0 ? columnsOf(header, known) : null;
    } catch (error) {
      if (error instanceof QueryFailure || soon.aborted) return null;
      throw error;
    }
  }

  async page({ ref, columns, cursor, limit }: PageRequest, signal?: AbortSignal): Promise<QueryPage> {
    const id = idOf(ref);
    const from = cursor === null ? firstPlace : readCursor(cursor);
    let header = this.#headers.get(id);
    const rows: (readonly Cell[])[] = [];
    let next: Place | null = null;
    let isLast = true;
    // One row more tells whether another page follows.
    for await (const row of this.#rows(ref, from, signal, (names) => (header = this.#remember(id, names)))) {
      if (rows.length === limit) {
        isLast = false;
        break;
      }
      rows.push(row.cells);
      next = row.next;
    }
    header ??= await this.#readHeader(ref, signal);
    const shown: QueryColumn[] = columnsOf(header, columns);
    return {
      columns: shown,
      rows: rows.map((cells) => shown.map((_, at) => cells[at] ?? null)),
      offset: from.row,
      cursor: isLast || next === null ? null : writeCursor(next),
      total: isLast ? from.row + rows.length : null,
      expiresAt: typeof ref.parts['expiresAt'] === 'string' ? ref.parts['expiresAt'] : null,
      source: 'provider',
    };
  }

  /** All rows from the start, for exports: flat memory, renewed addresses, connections taken up again. */
  async *stream(
    ref: RunRef,
    onHeader: (names: readonly string[]) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Cell[]> {
    for await (const { cells } of this.#rows(ref, firstPlace, signal, onHeader)) yield cells;
  }

  async #readHeader(ref: RunRef, signal?: AbortSignal): Promise<readonly string[]> {
    let names: readonly string[] = [];
    for await (const _ of this.#rows(ref, firstPlace, signal, (header) => (names = header))) break;
    return this.#remember(idOf(ref), names);
  }
  #remember(id: string, names: readonly string[]): readonly string[] {
    remember(this.#headers, id, names);
    return names;
  }

  #rows(ref: RunRef, from: Place, signal: AbortSignal | undefined, onHeader?: (names: readonly string[]) => void) {
    const { client, sleep } = this.#options;
    return readRows(from, { urls: this.#urlsOf(ref), guard: client.guard, signal, ...(sleep && { sleep }) }, onHeader);
  }

  #urlsOf(ref: RunRef): UrlSource {
    const { client, instance, sleep } = this.#options;
    const id = idOf(ref);
    return async ({ isFresh, signal }) => {
      const held = this.#urls.get(id);
      if (!isFresh && held && held.untilMs > this.#now()) return held.urls;
      const askedAtMs = this.#now();
      try {
        const urls = await withRetries(() => readDownloadUrls(client, instance, id, signal), {
          policy: notReadyRetries,
          signal,
          ...(sleep && { sleep }),
          judge: (error) => ({
            retry: error instanceof QueryFailure && error.facts.code === 'not_ready',
            afterMs: null,
          }),
        });
        remember(this.#urls, id, { urls, untilMs: askedAtMs + urlLifeMs });
        return urls;
      } catch (error) {
        if (!(error instanceof QueryFailure) || error.facts.status !== 404) throw error;
        throw new QueryFailure(
          {
            ...error.facts,
            code: 'rows_expired',
            message: 'The service no longer holds the rows of this run.',
            hint: 'Run it again.',
          },
          error,
        );
      }
    };
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest);
}

export function idOf({ parts }: RunRef): string {
  const id = parts['executionId'];
  if (typeof id !== 'string')
    throw new QueryFailure({
      kind: 'provider',
      code: 'not_started',
      message: 'The run has not begun at Amazon.',
      hint: 'Start it again.',
    });
  return id;
}

/** Often while it is young, so that a quick query is on screen at once; then as seldom as its length allows. */
export function pollAfterMs(ageMs: number): number {
  if (ageMs < 10_000) return 1_000;
  return Math.min(15_000, Math.max(2_000, Math.round(ageMs / 10)));
}
