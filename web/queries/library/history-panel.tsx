import { useInfiniteQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { Fragment, useDeferredValue, useState } from 'react';
import type { QueryRunSummary } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { api } from '../../kit/api.ts';
import { cx } from '../../kit/cx.ts';
import { clockTime, durationText } from '../../kit/time.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Avatar } from '../../ui/person.tsx';
import { useZone } from '../../ui/relative-time.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { StatusGlyph } from '../../ui/status-glyph.tsx';
import { LibraryPanel } from './library-panel.tsx';

/** `Today`, `Yesterday`, `Tue 18 Nov`: the day of an instant in a zone. */
export function dayWord(at: string, zone: string, now = Date.now()): string {
  const day = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(ms);
  const own = day(Date.parse(at));
  if (own === day(now)) return 'Today';
  if (own === day(now - 86_400_000)) return 'Yesterday';
  const words: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short', timeZone: zone };
  return new Intl.DateTimeFormat('en-GB', words).format(Date.parse(at));
}

/** The second line of a run: how many rows, how long, where, which may be cut off; or why it failed. */
export function historyLine(run: QueryRunSummary): string {
  if (run.failure) return run.failure.message;
  const place = run.unitName ?? run.unit ?? run.connectionName;
  const rows =
    run.rowCount === null
      ? null
      : `${run.rowCount.toLocaleString('en-GB')} rows${isEnded(run.status) ? '' : ' so far'}`;
  const took = run.endedAt && durationText(Date.parse(run.endedAt) - Date.parse(run.createdAt));
  return [rows, took, place].filter(Boolean).join(' · ');
}

interface HistoryPanelProps {
  connectionId: string | null;
  current: string;
  onOpen: (runId: string) => void;
}

const statusFilters = [
  { value: '', label: 'Any status' },
  { value: 'queued,running,waiting', label: 'Alive' },
  { value: 'succeeded', label: 'Succeeded' },
  { value: 'failed,timed_out', label: 'Failed' },
  { value: 'canceled', label: 'Canceled' },
];

/** What was run, by oneself or by all, newest first; found by title and text. One opens with text, parameters and counts. */
export function HistoryPanel({ connectionId, current, onOpen }: HistoryPanelProps) {
  const zone = useZone();
  const [q, setQ] = useState('');
  const search = useDeferredValue(q.trim());
  const [actor, setActor] = useState<'me' | 'all'>('me');
  const [status, setStatus] = useState('');
  const [isHere, setHere] = useState('');
  const runs = useInfiniteQuery({
    queryKey: ['query-runs', search, actor, status, isHere && connectionId],
    queryFn: ({ signal, pageParam }) =>
      api.listQueryRuns({
        query: {
          limit: 50,
          actor,
          cursor: pageParam,
          ...(search && { q: search }),
          ...(status && { status }),
          ...(isHere && connectionId && { connection: connectionId }),
        },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  const isFiltered = search !== '' || status !== '' || isHere !== '';
  return (
    <LibraryPanel
      testId="queries.history"
      q={q}
      onQ={setQ}
      label="Search the history"
      placeholder="Search titles and texts"
      filters={
        <>
          <Segmented
            label="Whose runs"
            value={actor}
            onValue={setActor}
            options={[
              { value: 'me', label: 'Mine' },
              { value: 'all', label: 'All' },
            ]}
          />
          <Select
            size="sm"
            label="Status"
            value={status}
            onValue={setStatus}
            options={statusFilters}
            className="w-auto! min-w-[108px] flex-1 max-sm:h-11"
          />
          {connectionId && (
            <Select
              size="sm"
              label="Connection"
              value={isHere}
              onValue={setHere}
              className="w-auto! min-w-[108px] flex-1 max-sm:h-11"
              options={[
                { value: '', label: 'Anywhere' },
                { value: 'here', label: 'Here' },
              ]}
            />
          )}
        </>
      }
    >
      <div className="min-h-0 flex-1 overflow-auto pb-2">
        <Answer
          of={runs}
          what="The history"
          waiting={<SkeletonRows height={44} />}
          isEmpty={({ pages }) => pages[0]?.data.length === 0}
          empty={
            <EmptyState
              icon={History}
              title={isFiltered ? 'No run matches' : 'Nothing was run yet'}
              action={
                isFiltered && (
                  <Button
                    onClick={() => {
                      setQ('');
                      setStatus('');
                      setHere('');
                    }}
                  >
                    Clear filters
                  </Button>
                )
              }
            >
              {!isFiltered && 'Each run is listed here with its text, parameters and counts. Rows are not kept.'}
            </EmptyState>
          }
        >
          {({ pages }) => {
            const all = pages.flatMap(({ data }) => data);
            return (
              <ul className="px-1.5">
                {all.map((run, index) => {
                  const day = dayWord(run.createdAt, zone);
                  const isFirst = index === 0 || day !== dayWord(all[index - 1]?.createdAt ?? '', zone);
                  return (
                    <Fragment key={run.runId}>
                      {isFirst && <li className="px-2 pt-2.5 pb-1 text-meta font-medium text-text-3">{day}</li>}
                      <HistoryRow run={run} zone={zone} isOn={run.runId === current} onOpen={() => onOpen(run.runId)} />
                    </Fragment>
                  );
                })}
              </ul>
            );
          }}
        </Answer>
        {runs.hasNextPage && (
          <div className="px-3 py-2">
            <Button size="sm" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Show older runs
            </Button>
          </div>
        )}
      </div>
    </LibraryPanel>
  );
}

function HistoryRow({
  run,
  zone,
  isOn,
  onOpen,
}: {
  run: QueryRunSummary;
  zone: string;
  isOn: boolean;
  onOpen: () => void;
}) {
  const line = historyLine(run);
  return (
    <li>
      <button
        type="button"
        data-run={run.runId}
        data-status={run.status}
        aria-current={isOn || undefined}
        onClick={onOpen}
        className={cx(
          'flex w-full items-start gap-2 rounded-md px-2 py-1.5 text-left focus-visible:outline-offset-[-2px] max-sm:min-h-14',
          isOn ? 'bg-accent-soft' : 'hover:bg-fill',
        )}
      >
        <span className="pt-0.5">
          <StatusGlyph status={run.status} />
        </span>
        <span className="min-w-0 flex-1">
          <bdi className="block truncate font-medium" title={run.title}>
            {run.title}
          </bdi>
          <span
            className={cx(
              'num block truncate text-meta',
              run.failure ? 'text-fail-fg' : isOn ? 'text-text-2' : 'text-text-3',
            )}
            title={line}
          >
            {line}
          </span>
        </span>
        <span className="flex flex-none flex-col items-end gap-0.5">
          <time
            dateTime={run.createdAt}
            className={cx('num text-[11px] leading-[14px]', isOn ? 'text-text-2' : 'text-text-3')}
          >
            {clockTime(Date.parse(run.createdAt), { zone, seconds: false })}
          </time>
          <span title={run.actor.name ?? undefined}>
            <Avatar name={run.actor.name ?? '?'} size={18} />
          </span>
        </span>
      </button>
    </li>
  );
}
