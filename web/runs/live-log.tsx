import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { addressOf, api } from '../kit/api.ts';
import { currentWorkspace } from '../kit/workspace.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { FilterChip } from '../ui/filter-chip.tsx';
import { LogPane } from '../ui/log-pane.tsx';
import { useRunLog } from './use-run-log.ts';

const streams = { '': 'any', stdout: 'stdout', stderr: 'stderr', system: 'system' } as const;
export type LogStream = keyof typeof streams;
const SOME_LINES = 20_000;

interface LiveLogProps {
  run: RunDetail;
  host: string;
  step: string;
  stream: LogStream;
  search: string;
  onSearch: (text: string) => void;
  onHost: (host: string | undefined) => void;
  onStream: (stream: LogStream) => void;
}

/** The log of a run, narrowed to a host, a step and a stream, with the matches of a search counted in all of it. */
export function LiveLog({ run, host, step, stream, search, onSearch, onHost, onStream }: LiveLogProps) {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const isLive = !isEnded(run.status);
  const narrowed = { host: host || undefined, step: step || undefined, stream: stream || undefined };
  const log = useRunLog(run.id, narrowed, isLive);
  const line = Number(/^L(\d+)$/.exec(hash)?.[1] ?? 0) || undefined;
  const { more, store, isWhole } = log;
  useEffect(() => {
    if (line !== undefined) more('some', line + 1_000);
  }, [line, more]);
  const counted = useQuery({
    queryKey: ['run', run.id, 'matches', search.trim(), narrowed, isLive ? log.version === 0 : isWhole],
    queryFn: ({ signal }) =>
      api.readRunLogs({ params: { id: run.id }, query: { ...narrowed, q: search.trim(), limit: 1 }, signal }),
    enabled: search.trim().length > 1,
    placeholderData: (before, query) => (query?.queryKey[3] === search.trim() ? before : undefined),
  });
  const onMore = useCallback(
    (how: 'some' | 'all') => more(how, how === 'some' ? store.count + SOME_LINES : 0),
    [more, store],
  );
  if (log.failure) return <ErrorState error={log.failure} what="The log" />;
  return (
    <LogPane
      source={store}
      version={log.version}
      search={search}
      onSearch={onSearch}
      matchesInAll={counted.data?.matches}
      host={host || undefined}
      onHost={onHost}
      filters={
        <FilterChip name="Stream" value={stream || undefined} onClear={() => onStream('')}>
          <div className="flex flex-col gap-0.5">
            {(Object.keys(streams) as LogStream[]).map((name) => (
              <button
                key={name}
                type="button"
                aria-current={name === stream || undefined}
                onClick={() => onStream(name)}
                className="rounded-sm px-2 py-1 text-left hover:bg-fill aria-current:font-medium"
              >
                {streams[name]}
              </button>
            ))}
          </div>
        </FilterChip>
      }
      isLive={isLive}
      isLoading={log.isLoading}
      hasMore={!isLive && !isWhole}
      onMore={onMore}
      line={line}
      onLine={(number) =>
        void navigate({ to: '.', search: true, hash: `L${number}`, replace: true, resetScroll: false } as never)
      }
      downloadHref={addressOf('downloadRunLogs', {
        params: { id: run.id },
        query: { ...narrowed, workspace: currentWorkspace() },
      })}
      empty={!isLive && !log.isLoading ? 'This run wrote no output.' : undefined}
    />
  );
}
