import { ArrowDown, ArrowDownToLine, ChevronDown, ChevronUp, Download, X } from 'lucide-react';
import { useDeferredValue, useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import { SearchInput } from './input.tsx';
import { logRow } from './draw-line.ts';
import { LogLines } from './log-lines.tsx';
import { useLogSearch } from './log-search.ts';
import type { LogSource } from './log-source.ts';
import { useZone } from './relative-time.tsx';
import { useScrollTo } from './row-window.ts';
import { useTyped } from './use-typed.ts';

interface LogPaneProps {
  source: LogSource;
  /** Changes when the source does. */
  version?: number;
  search: string;
  onSearch: (text: string) => void;
  /** How many lines of the whole log match, where the server counted them. */
  matchesInAll?: number | undefined;
  /** The host the log is narrowed to. */
  host?: string | undefined;
  onHost?: (host: string | undefined) => void;
  /** More filters, beside the search. */
  filters?: ReactNode;
  /** More is to come: the caret blinks and the log is followed. */
  isLive: boolean;
  /** Still reading what is there. */
  isLoading?: boolean;
  /** There are lines behind those that are loaded; `onMore` loads some of them, or all. */
  hasMore?: boolean;
  onMore?: (how: 'some' | 'all') => void;
  line?: number | undefined;
  onLine?: (line: number) => void;
  downloadHref?: string;
  title?: string;
  empty?: ReactNode;
}

/** Output as it comes: any number of lines, colours from ANSI, search, a host filter, following until one scrolls up. */
export function LogPane(props: LogPaneProps) {
  const { source, version = 0, search, onSearch, matchesInAll, host, onHost, isLive, line, title = 'Log' } = props;
  const { hasMore = false, onMore } = props;
  const { count } = source;
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(isLive && line === undefined);
  const zone = useZone();
  const typed = useTyped(search, onSearch);
  // The key is drawn at once; the lines with their marks follow in slices.
  const wanted = useDeferredValue(typed.text);
  const needle = wanted.trim().toLowerCase();
  const matches = useLogSearch(source, version, wanted);
  const scrollTo = useScrollTo(scroller, logRow);
  const lastScroll = useRef(0);
  useEffect(() => {
    if (isFollowing && count > 0) scrollTo(count, 'end');
  }, [isFollowing, count, scrollTo]);
  // Goes there when the link changes or its line has come, not at each new line.
  const isLinkedThere = line !== undefined && line <= count;
  useEffect(() => {
    if (isLinkedThere) scrollTo(line - 1, 'center');
  }, [isLinkedThere, line, scrollTo]);

  const [current, setCurrent] = useState(0);
  // Which match was asked for that lies behind what is loaded: the pane goes there once it has come.
  const [seeking, setSeeking] = useState<number | null>(null);
  const total = Math.max((wanted === search && matchesInAll) || 0, matches.length);
  const show = (at: number) => {
    setCurrent(at);
    setFollowing(false);
    const index = matches[at];
    if (index !== undefined) scrollTo(index, 'center');
  };
  const go = (step: number) => {
    const next = current + step;
    if (next >= matches.length && (hasMore || props.isLoading) && total > matches.length) {
      setSeeking(next);
      onMore?.('all');
    } else if (matches.length > 0) show((next + matches.length) % matches.length);
  };
  const first = matches[0];
  const sought = seeking === null ? undefined : matches[seeking];
  useEffect(() => {
    if (seeking === null || sought === undefined) return;
    setSeeking(null);
    setCurrent(seeking);
    setFollowing(false);
    scrollTo(sought, 'center');
  }, [seeking, sought, scrollTo]);
  const onEnter = (back: boolean) => {
    // The first Enter shows the first match; only then does it go on.
    const box = scroller.current;
    const at = matches[current];
    const isShown =
      at !== undefined && box && at * logRow >= box.scrollTop && (at + 1) * logRow <= box.scrollTop + box.clientHeight;
    if (at !== undefined && !isShown) show(current);
    else if (at === undefined && total > 0) go(0);
    else go(back ? -1 : 1);
  };
  const at = Math.min(current, Math.max(0, matches.length - 1));
  const currentIndex = matches[at];
  return (
    <section aria-label={title} className="flex min-h-0 min-w-0 flex-1 flex-col bg-sunken" data-testid="run.log">
      <div className="flex min-h-[42px] flex-none flex-wrap items-center gap-2 py-1.5 pr-3 pl-3.5">
        <h2 className="font-semibold">{title}</h2>
        <SearchInput
          size2="sm"
          className="min-w-32 flex-1"
          label="Search the log"
          placeholder="Search the log"
          value={typed.text}
          onValue={(text) => {
            setCurrent(0);
            setSeeking(null);
            typed.setText(text);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            typed.tellNow();
            onEnter(event.shiftKey);
          }}
          end={
            needle ? (
              <span className="flex items-center gap-1 text-meta text-text-3">
                <span className="num" role="status" aria-label="Matches">
                  {seeking !== null ? 'reading on …' : `${first === undefined ? 0 : at + 1} of ${total}`}
                </span>
                <button type="button" aria-label="Match before" onClick={() => go(-1)} className="hover:text-text">
                  <Icon of={ChevronUp} size={14} />
                </button>
                <button type="button" aria-label="Next match" onClick={() => go(1)} className="hover:text-text">
                  <Icon of={ChevronDown} size={14} />
                </button>
              </span>
            ) : undefined
          }
        />
        {props.filters}
        {host && (
          <span className="inline-flex h-[26px] min-w-0 items-center rounded-md border border-line-strong bg-surface text-meta">
            <span className="px-2 text-text-2">Host</span>
            <span className="max-w-40 truncate border-l border-line px-2 font-medium" title={host}>
              {host}
            </span>
            <button
              type="button"
              aria-label="All hosts"
              onClick={() => onHost?.(undefined)}
              className="h-full border-l border-line px-[5px] text-text-3 hover:text-text"
            >
              <Icon of={X} size={12} />
            </button>
          </span>
        )}
        {isLive ? (
          <Button
            size="sm"
            aria-pressed={isFollowing}
            onClick={() => setFollowing(!isFollowing)}
            className={isFollowing ? 'text-run-fg!' : undefined}
          >
            {isFollowing ? <i className="size-[7px] rounded-full bg-run-solid" /> : <Icon of={ArrowDown} size={14} />}
            {isFollowing ? 'Following' : 'Jump to now'}
          </Button>
        ) : (
          <button
            type="button"
            aria-label="Jump to the end"
            title="Jump to the end"
            onClick={() => {
              onMore?.('all');
              if (hasMore || props.isLoading) setFollowing(true);
              else scrollTo(count, 'end');
            }}
            className="grid size-[26px] place-items-center rounded-md text-text-2 hover:bg-fill hover:text-text"
          >
            <Icon of={ArrowDownToLine} size={14} />
          </button>
        )}
        {props.downloadHref && (
          <a
            href={props.downloadHref}
            download
            title="Download the log"
            aria-label="Download the log"
            className="grid size-[26px] place-items-center rounded-md text-text-2 hover:bg-fill hover:text-text"
          >
            <Icon of={Download} size={14} />
          </a>
        )}
      </div>
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={`${title}, ${count} lines${hasMore ? ' and more' : ''}`}
        tabIndex={0}
        onScroll={(event) => {
          const box = event.currentTarget;
          const { scrollTop } = box;
          if (scrollTop < lastScroll.current - 4) setFollowing(false);
          else if (isLive && scrollTop > lastScroll.current && scrollTop + box.clientHeight >= box.scrollHeight - 4)
            setFollowing(true);
          lastScroll.current = scrollTop;
        }}
        className="min-h-0 flex-1 overflow-auto pb-2 font-mono text-[11.5px] leading-[19px] focus-visible:outline-offset-[-2px]"
      >
        {source.dropped > 0 && (
          <p className="px-3.5 py-1 font-sans text-meta text-wait-fg">
            {`The first ${source.dropped.toLocaleString('en-GB')} lines are kept in the download alone.`}
          </p>
        )}
        {count === 0 && (
          <div className="px-3.5 py-1 font-sans text-meta text-text-3">
            {props.empty ?? (props.isLoading ? '' : 'No output yet.')}
          </div>
        )}
        <LogLines
          scroller={scroller}
          source={source}
          version={version}
          count={count}
          zone={zone}
          needle={needle}
          current={currentIndex}
          linked={line}
          onLine={props.onLine}
          onHost={onHost}
          onMore={hasMore ? onMore : undefined}
        />
        {isLive && count > 0 && <i className="ml-3.5 block h-3.5 w-[7px] bg-text-3" aria-hidden="true" />}
      </div>
    </section>
  );
}
