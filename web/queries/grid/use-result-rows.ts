import { useCallback, useEffect, useRef, useState } from 'react';
import type { QueryColumn, QueryPage } from '#contracts/queries/engine.ts';
import { asFailure, type ApiFailure } from '../../kit/failure.ts';
import { takeEngine } from './engine-line.ts';
import type { LoadStatus } from './grid-notices.tsx';
import { createResultStore, type ResultStore } from './result-store.ts';

/** Rows that are loaded without being asked again. */
export const ROW_LIMIT = 200_000;
/** What a tab holds and still scrolls and sorts at once: a million rows of fifty columns. */
const MOST_CELLS = 50_000_000;

/**
 * `loading`: pages come · `resting`: more will be fetched when somebody scrolls near the end · `limited`: the limit is reached,
 * `goOn` loads as many again · `stopped`: by the user · `failed`: `failure` says why, what came stays · `expired`: the service
 * keeps the rows no longer, what came stays · `complete`: all are here.
 */
export type LoadState = 'loading' | 'resting' | 'limited' | 'stopped' | 'failed' | 'expired' | 'complete';

export interface ResultRows {
  /** Null until the first page has told the columns. */
  store: ResultStore | null;
  state: LoadState;
  status: LoadStatus;
  failure: ApiFailure | null;
  /** Until when the service keeps the rows, ISO 8601. */
  expiresAt: string | null;
  source: QueryPage['source'] | null;
  /** For `onNeedMore` of the grid. */
  needMore: () => void;
  stop: () => void;
  /** After a limit, a stop or a failure: from where it ended. */
  goOn: () => void;
  /** After a limit: to the end, or to what a tab can hold. Null where it holds that already. */
  goToEnd: (() => void) | null;
}

interface ResultRowsOptions {
  /** One page; the cursor is null for the first. Thrown with status 410: the rows are gone. */
  fetchPage: (cursor: string | null, signal: AbortSignal) => Promise<QueryPage>;
  /** Another key is another result: the rows of the old one are dropped. */
  resultKey: string;
  /** `always`: one page after the other, to the limit · `scroll`: when the end of what is loaded is near. */
  load?: 'always' | 'scroll';
  limit?: number;
  /** Loaded at most when all rows are asked for. */
  mostCells?: number;
}

interface Facts extends Pick<ResultRows, 'store' | 'state' | 'failure' | 'expiresAt' | 'source'> {
  total: number | null;
  loaded: number;
}
const begin: Facts = {
  store: null,
  state: 'loading',
  failure: null,
  expiresAt: null,
  source: null,
  total: null,
  loaded: 0,
};

/** Reads a result page by page into a store of this tab. The first rows are on screen while the next pages load. */
export function useResultRows({
  fetchPage,
  resultKey,
  load = 'always',
  limit = ROW_LIMIT,
  mostCells = MOST_CELLS,
}: ResultRowsOptions): ResultRows {
  const [facts, setFacts] = useState(begin);
  const latest = useRef({ fetchPage, load, limit, mostCells });
  latest.current = { fetchPage, load, limit, mostCells };
  const reader = useRef<Reader | null>(null);
  useEffect(() => {
    const mine = new Reader(latest, setFacts);
    reader.current = mine;
    mine.read();
    return () => mine.close();
  }, [resultKey]);
  const needMore = useCallback(() => reader.current?.needMore(), []);
  const stop = useCallback(() => reader.current?.stop(), []);
  const goOn = useCallback(() => reader.current?.goOn(), []);
  const goToEnd = useCallback(() => reader.current?.goOn(true), []);
  const { total, loaded, ...rest } = facts;
  const isComplete = facts.state === 'complete';
  const status: LoadStatus = { loaded, total, isComplete, ...cutOf(facts) };
  const hasRoom = facts.store !== null && loaded < roomFor(facts.store.columns, mostCells);
  return { ...rest, status, needMore, stop, goOn, goToEnd: hasRoom ? goToEnd : null };
}

const roomFor = (columns: readonly QueryColumn[], mostCells: number): number =>
  Math.floor(mostCells / Math.max(1, columns.length));

/** Why not all rows are here, in words. A failure has a place of its own. */
function cutOf({ state, failure }: Facts): { cut?: string } {
  if (state === 'limited') return { cut: 'Sort, filter and figures are of these.' };
  if (state === 'stopped') return { cut: 'Loading was stopped.' };
  if (state === 'expired') return { cut: 'The service keeps the others no longer.' };
  return state === 'failed' ? { cut: failure?.message ?? '' } : {};
}

type Latest = { readonly current: Pick<Required<ResultRowsOptions>, 'fetchPage' | 'load' | 'limit' | 'mostCells'> };

/** One result as it is being read. */
class Reader {
  readonly #latest: Latest;
  readonly #tell: (facts: Facts) => void;
  #facts = begin;
  #cursor: string | null = null;
  #limit: number;
  #isReading = false;
  #isClosed = false;
  #abort = new AbortController();
  /** The thread that will hold the rows: it begins while the first page is still at the service. */
  readonly #engine = takeEngine();

  constructor(latest: Latest, tell: (facts: Facts) => void) {
    this.#latest = latest;
    this.#tell = tell;
    this.#limit = latest.current.limit;
    tell(begin);
  }

  read(): void {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    this.#abort = new AbortController();
    this.#set({ state: 'loading', failure: null });
    void this.#readOn(this.#abort.signal).finally(() => (this.#isReading = false));
  }
  needMore(): void {
    if (this.#facts.state === 'resting') this.read();
  }
  stop(): void {
    this.#abort.abort();
    if (this.#facts.state === 'loading' || this.#facts.state === 'resting') this.#set({ state: 'stopped' });
  }
  goOn(toEnd = false): void {
    // A page that was being fetched when it was stopped ends first.
    if (this.#isReading) return void setTimeout(() => this.goOn(toEnd), 20);
    const { state, store } = this.#facts;
    const { limit, mostCells } = this.#latest.current;
    if (state === 'limited') this.#limit = toEnd && store ? roomFor(store.columns, mostCells) : this.#limit + limit;
    if (['limited', 'stopped', 'failed'].includes(state)) this.read();
  }
  close(): void {
    this.#isClosed = true;
    this.#abort.abort();
    this.#facts.store?.dispose();
    this.#engine.close();
  }

  async #readOn(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        const page = await this.#latest.current.fetchPage(this.#cursor, signal);
        if (signal.aborted || this.#isClosed) return;
        const store = this.#facts.store ?? this.#open(page.columns);
        await store.append(page.rows);
        if (this.#isClosed) return;
        this.#cursor = page.cursor;
        const { loaded } = store.state;
        const { total, expiresAt, source } = page;
        const isLast = page.cursor === null;
        this.#set({ store, loaded, total: isLast ? loaded : (total ?? this.#facts.total), expiresAt, source });
        if (isLast) this.#set({ state: 'complete' });
        else if (signal.aborted) return;
        else if (loaded >= this.#limit) this.#set({ state: 'limited' });
        else if (this.#latest.current.load === 'scroll') this.#set({ state: 'resting' });
        else continue;
        return;
      }
    } catch (error) {
      if (signal.aborted || this.#isClosed) return;
      const failure = asFailure(error);
      this.#set({ state: failure.status === 410 ? 'expired' : 'failed', failure });
    }
  }
  #open(columns: readonly QueryColumn[]): ResultStore {
    const store = createResultStore(columns);
    if (this.#isClosed) store.dispose();
    return store;
  }
  #set(change: Partial<Facts>): void {
    if (this.#isClosed) return;
    this.#facts = { ...this.#facts, ...change };
    this.#tell(this.#facts);
  }
}
