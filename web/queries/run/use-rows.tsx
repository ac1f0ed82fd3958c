import { useEffect, useState, type ReactNode } from 'react';
import type { QueryPage } from '#contracts/queries/engine.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { api } from '../../kit/api.ts';
import { clock } from '../../kit/clock.ts';
import type { ApiFailure } from '../../kit/failure.ts';
import type { LoadStatus } from '../grid/grid-notices.tsx';
import { LoadActs, StopLoading } from '../grid/load-acts.tsx';
import type { ResultStore } from '../grid/result-store.ts';
import { useResultRows } from '../grid/use-result-rows.ts';

/** The first page is small, so that rows are on screen at once. */
const FIRST = 500;
const NEXT = 5_000;

/** One page of a run's rows, straight from the service. */
export const readPage =
  (runId: string) =>
  async (cursor: string | null, signal: AbortSignal): Promise<QueryPage> =>
    api.readQueryRows({
      params: { id: runId },
      query: { limit: cursor === null ? FIRST : NEXT, ...(cursor !== null && { cursor }) },
      signal,
    });

/** There is nothing to read yet: waits until it is not asked any more. */
const notYet = (_cursor: string | null, signal: AbortSignal): Promise<QueryPage> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });

export interface Rows {
  /** Null until the first page is here. */
  store: ResultStore | null;
  status: LoadStatus | null;
  /** No further page is under way. */
  isSettled: boolean;
  isExpired: boolean;
  failure: ApiFailure | null;
  startedAt: string | null;
  endedAt: string | null;
  cutActs: ReactNode;
  stopAct: ReactNode;
  onNeedMore: () => void;
  retry: () => void;
}

/** The rows of a run as they come: from its end on, page after page, into the memory of this tab and nowhere else. */
export function useRows(run: QueryRunDetail, mayRead: boolean): Rows {
  const isReady = run.status === 'succeeded' && mayRead;
  const read = useResultRows({
    resultKey: isReady ? run.runId : '',
    fetchPage: isReady ? readPage(run.runId) : notYet,
  });
  const [times, setTimes] = useState<{ startedAt: string | null; endedAt: string | null }>({
    startedAt: null,
    endedAt: null,
  });
  const isSettled = isReady && read.state !== 'loading' && read.state !== 'resting';
  useEffect(() => {
    if (isReady) setTimes({ startedAt: new Date(clock.read()).toISOString(), endedAt: null });
  }, [isReady]);
  useEffect(() => {
    if (isSettled) setTimes((old) => ({ ...old, endedAt: old.endedAt ?? new Date(clock.read()).toISOString() }));
  }, [isSettled]);
  const status = { ...read.status, total: read.status.total ?? run.rowCount };
  const shown = { ...read, status };
  return {
    store: read.store,
    status: isReady ? status : null,
    isSettled,
    isExpired: isReady && read.state === 'expired' && read.store === null,
    failure: read.state === 'failed' ? read.failure : null,
    ...times,
    cutActs: isReady && <LoadActs rows={shown} />,
    stopAct: isReady && <StopLoading rows={shown} />,
    onNeedMore: read.needMore,
    retry: read.goOn,
  };
}
