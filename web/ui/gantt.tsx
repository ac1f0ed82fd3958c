import { ChevronDown, ChevronRight, Minus, Plus } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { useIsPhone } from '../kit/media.ts';
import { clockTime } from '../kit/time.ts';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';
import { useZone } from './relative-time.tsx';
import { statusLooks, type StatusName } from './status.ts';
import { StatusGlyph } from './status-glyph.tsx';

export interface GanttBar {
  from: number;
  /** Null while it goes on. */
  to: number | null;
  status: StatusName;
  /** A timer is no work: it is drawn empty with upright lines. */
  isTimer?: boolean;
  /** Drawn as a frame around what happens inside. */
  isFrame?: boolean;
  title: string;
}
export interface GanttRow {
  id: string;
  index?: string;
  name: string;
  depth: number;
  status: StatusName;
  bars: readonly GanttBar[];
  /** Beside the last bar: "3:16 · 4 of 4"; without bars, why not: "not started". */
  note?: string;
  hasChildren?: boolean;
  isOpen?: boolean;
}

interface GanttProps {
  rows: readonly GanttRow[];
  from: number;
  /** Null while the run goes on: the right edge is now. */
  to: number | null;
  selected?: string;
  onSelect?: (id: string) => void;
  onToggle?: (id: string) => void;
  hint?: ReactNode;
}

const steps = [
  1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
  7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round instants between the two, at most `most` of them. */
export function ticksBetween(from: number, to: number, most: number): number[] {
  const step =
    steps.find((size) => (to - from) / size <= most) ?? 86_400_000 * Math.ceil((to - from) / 86_400_000 / most);
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
  return ticks;
}

const fillOf = (bar: GanttBar): string => {
  if (bar.isTimer) return 'texture-timer';
  const { family } = statusLooks[bar.status];
  if (bar.isFrame)
    return family === 'fail'
      ? 'bg-fail-soft shadow-[inset_0_0_0_1.5px_var(--wl-fail-solid)]'
      : family === 'ok'
        ? 'bg-ok-solid'
        : family === 'wait'
          ? 'texture-wait'
          : family === 'run'
            ? 'texture-run'
            : 'bg-idle-solid';
  return {
    ok: 'bg-ok-solid',
    fail: 'bg-fail-solid',
    run: 'texture-run',
    wait: 'texture-wait',
    idle: 'bg-idle-solid',
    ai: 'bg-ai-solid',
  }[family];
};

/** The steps of a run over time: each attempt a bar, the pauses between them dashed, waits with upright stripes. */
export function Gantt({ rows, from, to, selected, onSelect, onToggle, hint }: GanttProps) {
  const now = useNow(to === null);
  const zone = useZone();
  const [zoom, setZoom] = useState(1);
  const scroller = useRef<HTMLDivElement>(null);
  const end = Math.max(to ?? now, from + 1_000);
  // A little room after the end, so that the notes beside the last bars can be read.
  const span = (end - from) * (to === null ? 1.06 : 1.02);
  const at = (instant: number) => `${((Math.min(Math.max(instant, from), from + span) - from) / span) * 100}%`;
  const isPhone = useIsPhone();
  const ticks = ticksBetween(from, from + span, Math.max(2, Math.round((isPhone ? 2 : 7) * zoom)));
  /** A tick whose words would be cut off at either end is not written. */
  const isInside = (tick: number) => (tick - from) / span > 0.03 / zoom && (tick - from) / span < 1 - 0.04 / zoom;
  const change = (factor: number) => setZoom((old) => Math.min(40, Math.max(1, old * factor)));

  return (
    <section
      aria-label="Steps over time"
      className="flex min-h-0 flex-col"
      data-testid="run.steps"
      onKeyDown={(event) => {
        if (event.key === '+' || event.key === '=') change(1.5);
        else if (event.key === '-') change(1 / 1.5);
      }}
    >
      <div
        ref={scroller}
        className="min-h-0 flex-1 overflow-auto"
        onWheel={(event) => {
          if (event.ctrlKey || event.metaKey) change(event.deltaY < 0 ? 1.15 : 1 / 1.15);
        }}
      >
        <div className="relative pb-5" style={{ minWidth: zoom > 1 ? `${zoom * 100}%` : undefined }}>
          <div className="sticky top-0 z-(--wl-z-sticky) grid h-8 grid-cols-[var(--names)_1fr] items-center bg-surface pr-5 [--names:264px] max-sm:[--names:180px]">
            <span className="sticky left-0 flex h-full items-center gap-1.5 bg-surface pl-5">
              <h2 className="font-semibold">Steps</h2>
              {hint && <span className="text-meta text-text-3">{hint}</span>}
              <span className="ml-auto flex pr-1 max-sm:hidden">
                <IconButton
                  icon={Minus}
                  label="Zoom out"
                  size="sm"
                  onClick={() => change(1 / 1.5)}
                  disabled={zoom <= 1}
                />
                <IconButton icon={Plus} label="Zoom in" size="sm" onClick={() => change(1.5)} />
              </span>
            </span>
            <div className="relative h-full overflow-hidden" aria-hidden="true">
              {ticks.filter(isInside).map((tick) => (
                <span
                  key={tick}
                  style={{ left: at(tick) }}
                  className="num absolute top-[9px] -translate-x-1/2 text-micro text-text-3"
                >
                  {clockTime(tick, { zone, seconds: (ticks[1] ?? tick + 60_000) - (ticks[0] ?? tick) < 60_000 })}
                </span>
              ))}
            </div>
          </div>
          <div className="relative [--names:264px] max-sm:[--names:180px]">
            <ol>
              {rows.map((row) => (
                <GanttLine
                  key={row.id}
                  row={row}
                  at={at}
                  ticks={ticks}
                  end={end}
                  isSelected={row.id === selected}
                  onSelect={onSelect}
                  onToggle={onToggle}
                />
              ))}
            </ol>
            {to === null && (
              <div
                aria-hidden="true"
                className="pointer-events-none absolute top-0 -bottom-4 z-2 border-l-[1.5px] border-text"
                style={{ left: `calc(var(--names) + (100% - var(--names) - 20px) * ${(end - from) / span})` }}
              >
                <span className="absolute right-1 bottom-0 rounded-[3px] bg-text px-[5px] text-micro text-surface">
                  now
                </span>
              </div>
            )}
          </div>
        </div>
      </div>
    </section>
  );
}

/** Where a row's note has room: after its last bar, before its first, or, where they fill the row, on the bar itself. */
const notePlace = (firstFrom: number, lastTo: number): 'after' | 'before' | 'inside' =>
  lastTo <= 72 ? 'after' : firstFrom >= 36 ? 'before' : 'inside';

interface GanttLineProps {
  row: GanttRow;
  at: (instant: number) => string;
  ticks: readonly number[];
  end: number;
  isSelected: boolean;
  onSelect?: ((id: string) => void) | undefined;
  onToggle?: ((id: string) => void) | undefined;
}

function GanttLine({ row, at, ticks, end, isSelected, onSelect, onToggle }: GanttLineProps) {
  const last = row.bars.at(-1);
  const lastEnd = last ? (last.to ?? end) : null;
  const place = notePlace(
    row.bars[0] ? Number.parseFloat(at(row.bars[0].from)) : 0,
    lastEnd === null ? 0 : Number.parseFloat(at(lastEnd)),
  );
  const isSub = row.depth > 0;
  return (
    <li
      data-step={row.id}
      data-status={row.status}
      className={cx(
        'grid h-6 grid-cols-[var(--names)_1fr] items-center pr-5',
        isSelected ? 'bg-accent-soft' : row.status === 'waiting' && !isSub ? 'bg-wait-soft' : 'hover:bg-sunken',
      )}
    >
      <span
        className={cx(
          'sticky left-0 z-1 flex h-full min-w-0 items-center gap-1.5 bg-inherit pr-2.5',
          isSub && 'text-meta text-text-2',
        )}
        style={{ paddingLeft: 18 + row.depth * 18 }}
      >
        {!isSub && <span className="num w-[14px] flex-none text-right text-meta text-text-3">{row.index}</span>}
        {row.hasChildren ? (
          <button
            type="button"
            aria-expanded={row.isOpen}
            aria-label={row.isOpen ? `Fold ${row.name}` : `Unfold ${row.name}`}
            onClick={() => onToggle?.(row.id)}
            className="-mx-1.5 grid size-6 flex-none place-items-center text-text-3 hover:text-text"
          >
            <Icon of={row.isOpen ? ChevronDown : ChevronRight} size={12} />
          </button>
        ) : (
          <span className="w-3 flex-none" />
        )}
        <StatusGlyph status={row.status} size={isSub ? 13 : 15} />
        <button
          type="button"
          aria-current={isSelected || undefined}
          title={row.name}
          onClick={() => onSelect?.(row.id)}
          className="h-full min-w-0 flex-1 truncate text-left hover:underline"
        >
          {row.name}
        </button>
      </span>
      <span className="relative h-full overflow-hidden">
        {ticks.map((tick) => (
          <i key={tick} style={{ left: at(tick) }} className="absolute inset-y-0 w-px bg-grid" />
        ))}
        {row.bars.map((bar, index) => {
          const next = row.bars[index + 1];
          return (
            <span key={index}>
              <i
                title={bar.title}
                data-attempt={index + 1}
                style={{ left: at(bar.from), width: `calc(${at(bar.to ?? end)} - ${at(bar.from)})` }}
                className={cx(
                  'absolute min-w-[3px]',
                  isSub ? 'top-2 h-[7px] rounded-[2px]' : 'top-1.5 h-[11px] rounded-[3px]',
                  fillOf(bar),
                )}
              />
              {next && bar.to !== null && next.from > bar.to && (
                <i
                  style={{ left: at(bar.to), width: `calc(${at(next.from)} - ${at(bar.to)})` }}
                  className="absolute top-[11px] border-t border-dashed border-fail-solid"
                />
              )}
            </span>
          );
        })}
        {row.note && (
          <span
            className={cx(
              'num absolute z-1 text-micro whitespace-nowrap text-text-2',
              place === 'inside'
                ? 'top-1 max-w-[60%] truncate rounded-[3px] bg-surface px-1 leading-4'
                : 'top-0 px-1.5 leading-6',
            )}
            style={
              place === 'before' && row.bars[0]
                ? { right: `calc(100% - ${at(row.bars[0].from)})` }
                : place === 'inside' && lastEnd !== null
                  ? { right: `calc(100% - ${at(lastEnd)} + 4px)` }
                  : { left: lastEnd === null ? 0 : at(lastEnd) }
            }
            title={row.note}
          >
            {row.note}
          </span>
        )}
      </span>
    </li>
  );
}
