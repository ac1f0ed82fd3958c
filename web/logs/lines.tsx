import { ScrollText, SearchX, X } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { lineSeverities } from '#contracts/logs/logs.ts';
import { readLogSearch, writeLogTerm } from '#contracts/logs/search-text.ts';
import { countText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ChoiceFilter } from '../ui/filter-chip.tsx';
import { Icon } from '../ui/icon.tsx';
import { SearchInput } from '../ui/input.tsx';
import { FilterBar } from '../ui/page.tsx';
import { RelativeTime, useZone } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { useTyped } from '../ui/use-typed.ts';
import { LogRow } from './log-row.tsx';
import { LogsHistogram } from './logs-histogram.tsx';
import { type Change, linesOf, type LogsView, severityLooks, spans, spanWords, useCounts, useLines, useLogSources } from './logs.ts'; // prettier-ignore

/** What is searched for, when, and what was found, newest first. */
export function Lines({ view, onView, onAddSource }: { view: LogsView; onView: Change; onAddSource: ReactNode }) {
  const zone = useZone();
  const lines = useLines(view);
  const counts = useCounts(view);
  const sources = useLogSources();
  const typed = useTyped(view.q, (q) => onView({ q }, 'replace'));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const end = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => linesOf(lines.data?.pages ?? []), [lines.data]);
  const last = lines.data?.pages.at(-1);
  const read = readLogSearch(view.q);
  const terms = read.ok ? read.terms : [];
  const names = new Map((sources.data?.data ?? []).map(({ id, name }) => [id, name]));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = lines;
  useEffect(() => {
    const mark = end.current;
    // What ran out of time goes on by the button alone, or one look would follow another for ever.
    if (!mark || !hasNextPage || isFetchingNextPage || last?.isPartial || typeof IntersectionObserver !== 'function') return undefined; // prettier-ignore
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && void fetchNextPage(), { rootMargin: '600px' }); // prettier-ignore
    observer.observe(mark);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last?.isPartial, rows.length]);
  const q = useRef(view.q);
  q.current = view.q;
  const change = useRef(onView);
  change.current = onView;
  const onTerm = useCallback((name: string, value: string, isNot: boolean) => {
    const more = writeLogTerm({ kind: 'field', name, value, isNot });
    change.current({ q: q.current.trim() === '' ? more : `${q.current.trim()} ${more}` });
  }, []);
  const onToggle = useCallback(
    (id: string) =>
      setOpen((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  const onRange = useCallback((from: string, to: string) => change.current({ from, to, follow: false }), []);
  const isChosen = view.from !== '' && view.to !== '';
  const isFiltered = view.q !== '' || view.severity.length > 0 || view.source !== '' || isChosen;
  const withDate = isChosen || spans[view.span] > spans['24h'];
  return (
    <div className="flex h-full min-h-0 flex-col">
      <FilterBar>
        <SearchInput
          className="min-w-64 flex-1 max-sm:min-w-full"
          label="Search lines"
          placeholder='timeout "connection reset" service=checkout -host=web-1'
          value={typed.text}
          onValue={typed.setText}
          onBlur={typed.tellNow}
        />
        <ChoiceFilter
          name="Severity"
          values={view.severity}
          onValues={(severity) => onView({ severity: severity as LogsView['severity'] })}
          options={lineSeverities.map((value) => ({ value, label: severityLooks[value].word, word: severityLooks[value].word }))} // prettier-ignore
        />
        {names.size > 1 && (
          <Select
            size="sm"
            className="w-auto! max-w-48 flex-none max-sm:h-11 max-sm:flex-1"
            label="Source"
            value={view.source}
            onValue={(source) => onView({ source })}
            options={[{ value: '', label: 'All sources' }, ...[...names].map(([value, label]) => ({ value, label }))]}
          />
        )}
        <Select
          size="sm"
          className="w-auto! flex-none max-sm:h-11 max-sm:flex-1"
          label="Time"
          value={isChosen ? 'chosen' : view.span}
          onValue={(span) => span !== 'chosen' && onView({ span: span as LogsView['span'], from: '', to: '' })}
          options={[
            ...(isChosen ? [{ value: 'chosen', label: 'chosen time' }] : []),
            ...Object.entries(spanWords).map(([value, label]) => ({ value, label })),
          ]}
        />
        <Button
          size="sm"
          aria-pressed={view.follow}
          look={view.follow ? 'primary' : 'default'}
          onClick={() => onView({ follow: !view.follow, ...(!view.follow && { from: '', to: '' }) })}
        >
          {view.follow ? 'Following' : 'Follow'}
        </Button>
      </FilterBar>
      {(terms.some(({ kind }) => kind === 'field') || !read.ok) && (
        <div className="-mt-1 flex flex-none flex-wrap gap-1.5 px-5 pb-2 max-sm:px-4">
          {!read.ok && <Note tone="wait">{`The search cannot be read: ${read.why}`}</Note>}
          {terms.map((term, index) =>
            term.kind === 'text' ? null : (
              <span
                key={index}
                className="inline-flex h-6 items-center rounded-md bg-fill pl-2 font-mono text-[11px] max-sm:h-11"
              >
                <span className="max-w-72 truncate">{writeLogTerm(term)}</span>
                <button
                  type="button"
                  aria-label={`Remove ${writeLogTerm(term)}`}
                  className="grid h-full place-items-center px-1.5 text-text-3 hover:text-text max-sm:min-w-11"
                  onClick={() =>
                    onView({
                      q: terms
                        .filter((_, at) => at !== index)
                        .map(writeLogTerm)
                        .join(' '),
                    })
                  }
                >
                  <Icon of={X} size={12} />
                </button>
              </span>
            ),
          )}
        </div>
      )}
      {counts.data && <LogsHistogram counts={counts.data} onRange={onRange} />}
      <div
        className="flex flex-none items-center gap-3 border-b border-line px-5 pb-1.5 text-meta text-text-2 max-sm:px-4"
        aria-live="off"
      >
        {counts.data && (
          <span data-testid="logs.total">
            {`${counts.data.isPartial ? 'at least ' : ''}${countText(counts.data.total)} ${counts.data.total === 1 ? 'line' : 'lines'}`}
            {counts.data.isPartial && (
              <>
                {' since '}
                <RelativeTime at={counts.data.countedFrom} />
                {', as far as was counted in time'}
              </>
            )}
          </span>
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        <Answer
          of={lines}
          what="The lines"
          isEmpty={() => rows.length === 0 && !hasNextPage}
          empty={
            sources.data?.data.length === 0 && view.q === '' ? (
              <EmptyState icon={ScrollText} title="No logs come in yet" action={onAddSource}>
                A source has an address to which your shipper sends, in the form it already speaks.
              </EmptyState>
            ) : (
              <EmptyState
                icon={SearchX}
                title="No line fits"
                action={
                  isFiltered && (
                    <Button onClick={() => onView({ q: '', severity: [], source: '', from: '', to: '' })}>
                      Clear filters
                    </Button>
                  )
                }
              >
                {isFiltered ? 'Look for less, or at a longer time.' : 'Look at a longer time.'}
              </EmptyState>
            )
          }
        >
          {() => (
            <>
              <ol aria-label="Lines" data-testid="logs.lines">
                {rows.map((line) => (
                  <LogRow
                    key={line.id}
                    line={line}
                    zone={zone}
                    withDate={withDate}
                    sourceName={line.sourceId === null ? null : (names.get(line.sourceId) ?? null)}
                    isOpen={open.has(line.id)}
                    onToggle={onToggle}
                    onTerm={onTerm}
                  />
                ))}
              </ol>
              <div ref={end} className="flex items-center justify-center gap-3 p-3 text-meta text-text-3">
                {hasNextPage ? (
                  <>
                    {last?.isPartial && (
                      <span>
                        Looked back to <RelativeTime at={last.searchedFrom} />
                      </span>
                    )}
                    <Button size="sm" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                      {last?.isPartial ? 'Look further back' : 'Older lines'}
                    </Button>
                  </>
                ) : (
                  <span>There is nothing older in this time</span>
                )}
              </div>
            </>
          )}
        </Answer>
      </div>
    </div>
  );
}
