import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ChevronDown, ChevronUp, Download, X } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { logTime } from '../kit/time.ts';
import { ansiClasses, ansiSpans, plainText, type AnsiSpan } from './ansi.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import { SearchInput } from './input.tsx';
import { useZone } from './relative-time.tsx';

export interface LogLine {
  /** The line's number in the whole log, from 1: what `#L12` points at. */
  number: number;
  at: string;
  host: string;
  stream: 'stdout' | 'stderr' | 'system';
  text: string;
}

interface LogPaneProps {
  lines: readonly LogLine[];
  search: string;
  onSearch: (text: string) => void;
  /** How many lines of the whole log match, where the server counted them. */
  matchesInAll?: number;
  /** The host the log is narrowed to. */
  host?: string;
  onHost?: (host: string | undefined) => void;
  /** More is to come: the caret blinks and the log is followed. */
  isLive: boolean;
  /** Still reading what is there. */
  isLoading?: boolean;
  line?: number;
  onLine?: (line: number) => void;
  downloadHref?: string;
  title?: string;
  empty?: ReactNode;
}

const ROW = 19;

/** Output as it comes: any number of lines, colours from ANSI, search, a host filter, following until one scrolls up. */
export function LogPane(props: LogPaneProps) {
  const {
    lines,
    search,
    onSearch,
    matchesInAll,
    host,
    onHost,
    isLive,
    line,
    onLine,
    downloadHref,
    title = 'Log',
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(line === undefined);
  const [current, setCurrent] = useState(0);
  const zone = useZone();
  const needle = search.trim().toLowerCase();
  const matches = useMemo(() => {
    if (!needle) return [];
    const found: number[] = [];
    for (const [index, { text }] of lines.entries())
      if (plainText(text).toLowerCase().includes(needle)) found.push(index);
    return found;
  }, [lines, needle]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 30,
    initialRect: { width: 800, height: 600 },
  });
  const lastScroll = useRef(0);
  useEffect(() => {
    if (isFollowing && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [isFollowing, lines.length, virtual]);
  // Changes only when the link does or when its line has come, not at each new line.
  const linked = useMemo(
    () => (line === undefined ? -1 : lines.findIndex(({ number }) => number === line)),
    [line, lines],
  );
  useEffect(() => {
    if (linked >= 0) virtual.scrollToIndex(linked, { align: 'center' });
  }, [linked, virtual]);
  const go = (step: number) => {
    if (matches.length === 0) return;
    const next = (current + step + matches.length) % matches.length;
    setCurrent(next);
    setFollowing(false);
    const index = matches[next];
    if (index !== undefined) virtual.scrollToIndex(index, { align: 'center' });
  };
  const hostWidth = useMemo(
    () => Math.min(22, Math.max(0, ...lines.slice(-2_000).map(({ host: name }) => name.length))),
    [lines],
  );
  const currentIndex = matches[Math.min(current, matches.length - 1)];
  const counted = needle
    ? `${matches.length === 0 ? 0 : Math.min(current, matches.length - 1) + 1} of ${Math.max(matchesInAll ?? 0, matches.length)}`
    : '';

  return (
    <section aria-label={title} className="flex min-h-0 min-w-0 flex-1 flex-col bg-sunken" data-testid="run.log">
      <div className="flex min-h-[42px] flex-none flex-wrap items-center gap-2 py-1.5 pr-3 pl-3.5">
        <h2 className="font-semibold">{title}</h2>
        <SearchInput
          size2="sm"
          className="min-w-32 flex-1"
          label="Search the log"
          placeholder="Search the log"
          value={search}
          onValue={(text) => {
            setCurrent(0);
            onSearch(text);
          }}
          onKeyDown={(event) => event.key === 'Enter' && go(event.shiftKey ? -1 : 1)}
          end={
            needle ? (
              <span className="flex items-center gap-1 text-meta text-text-3">
                <span className="num">{counted}</span>
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
        {host && (
          <span className="inline-flex h-[26px] items-center rounded-md border border-line-strong bg-surface text-meta">
            <span className="px-2 text-text-2">Host</span>
            <span className="border-l border-line px-2 font-medium">{host}</span>
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
        {isLive && (
          <Button
            size="sm"
            aria-pressed={isFollowing}
            onClick={() => setFollowing(!isFollowing)}
            className={isFollowing ? 'text-run-fg!' : undefined}
          >
            {isFollowing ? <i className="size-[7px] rounded-full bg-run-solid" /> : <Icon of={ArrowDown} size={14} />}
            {isFollowing ? 'Following' : 'Jump to now'}
          </Button>
        )}
        {downloadHref && (
          <a
            href={downloadHref}
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
        aria-label={`${title}, ${lines.length} lines`}
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          if (scrollTop < lastScroll.current - 4) setFollowing(false);
          else if (scrollTop + clientHeight >= scrollHeight - 4 && scrollTop > lastScroll.current) setFollowing(true);
          lastScroll.current = scrollTop;
        }}
        className="min-h-0 flex-1 overflow-auto pb-2 font-mono text-[11.5px] leading-[19px] focus-visible:outline-offset-[-2px]"
      >
        {lines.length === 0 && (
          <div className="px-3.5 py-1 font-sans text-meta text-text-3">
            {props.empty ?? (props.isLoading ? '' : 'No output yet.')}
          </div>
        )}
        <div className="relative min-w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const entry = lines[item.index];
            return (
              entry && (
                <Line
                  key={item.key}
                  entry={entry}
                  top={item.start}
                  zone={zone}
                  needle={needle}
                  hostWidth={hostWidth}
                  isCurrent={item.index === currentIndex}
                  isLinked={entry.number === line}
                  onLine={onLine}
                  onHost={onHost}
                />
              )
            );
          })}
        </div>
        {isLive && lines.length > 0 && <i className="ml-3.5 block h-3.5 w-[7px] bg-text-3" aria-hidden="true" />}
      </div>
    </section>
  );
}

interface LineProps {
  entry: LogLine;
  top: number;
  zone: string;
  needle: string;
  hostWidth: number;
  isCurrent: boolean;
  isLinked: boolean;
  onLine?: ((line: number) => void) | undefined;
  onHost?: ((host: string | undefined) => void) | undefined;
}

const Line = memo(function Line({
  entry,
  top,
  zone,
  needle,
  hostWidth,
  isCurrent,
  isLinked,
  onLine,
  onHost,
}: LineProps) {
  return (
    <div
      id={`L${entry.number}`}
      data-line={entry.number}
      style={{ transform: `translateY(${top}px)`, height: ROW }}
      className={cx(
        'absolute inset-x-0 top-0 flex w-max min-w-full gap-3 px-3.5 whitespace-pre',
        isLinked && 'bg-accent-soft',
      )}
    >
      <button
        type="button"
        tabIndex={-1}
        title={`Line ${entry.number}: link to it`}
        onClick={() => onLine?.(entry.number)}
        className="flex-none text-text-3 hover:text-accent"
      >
        {logTime(Date.parse(entry.at), { zone })}
      </button>
      {hostWidth > 0 && (
        <button
          type="button"
          tabIndex={-1}
          title={`Only ${entry.host}`}
          onClick={() => onHost?.(entry.host)}
          style={{ width: `${hostWidth}ch` }}
          className={cx(
            'flex-none truncate text-left hover:text-accent',
            entry.stream === 'stderr' ? 'text-fail-fg' : 'text-text-2',
          )}
        >
          {entry.host}
        </button>
      )}
      <span className={entry.stream === 'system' ? 'text-text-3' : undefined}>
        {ansiSpans(entry.text).map((span, index) => (
          <Span key={index} span={span} needle={needle} isCurrent={isCurrent} />
        ))}
      </span>
    </div>
  );
});

function Span({ span, needle, isCurrent }: { span: AnsiSpan; needle: string; isCurrent: boolean }) {
  const classes = cx(
    span.color !== undefined && ansiClasses[span.color],
    span.bold && 'font-bold',
    span.dim && 'opacity-75',
    span.underline && 'underline',
    span.inverse && 'bg-fill',
  );
  return (
    <span className={classes || undefined}>
      {needle ? <Marked text={span.text} needle={needle} isCurrent={isCurrent} /> : span.text}
    </span>
  );
}

/** The text with its matches marked. */
export function Marked({ text, needle, isCurrent = false }: { text: string; needle: string; isCurrent?: boolean }) {
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0 && needle; at = lower.indexOf(needle, from)) {
    parts.push(
      text.slice(from, at),
      <mark key={at} className={isCurrent ? 'outline-[1.5px] outline-offset-1 outline-wait-solid' : undefined}>
        {text.slice(at, at + needle.length)}
      </mark>,
    );
    from = at + needle.length;
  }
  parts.push(text.slice(from));
  return parts;
}
