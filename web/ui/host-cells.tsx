import { memo, useCallback, useRef, useState, type FocusEvent, type KeyboardEvent, type PointerEvent } from 'react';
import { cx } from '../kit/cx.ts';
import type { HostTile } from './host-grid.tsx';
import { StatusShapeOnly } from './status-glyph.tsx';
import { statusLooks } from './status.ts';

const look = {
  idle: 'bg-idle-soft text-idle-fg',
  run: 'bg-run-soft text-run-fg',
  wait: 'bg-wait-soft text-wait-fg',
  ok: 'bg-ok-soft text-ok-fg',
  fail: 'bg-fail-soft text-fail-fg',
  ai: 'bg-ai-soft text-ai-fg',
} as const;

const wordsOf = ({ host, status, note }: HostTile): string =>
  `${host}, ${statusLooks[status].word}${note ? `, ${note}` : ''}`;

interface HostCellsProps {
  hosts: readonly HostTile[];
  selected: string | undefined;
  onToggle: (host: string) => void;
}

/**
 * Many hosts as small cells, one stop for Tab with arrows inside. What the pointer or the focus is on is said in a line
 * above them: hundreds of tooltips would be as many things to draw.
 */
export function HostCells({ hosts, selected, onToggle }: HostCellsProps) {
  const [pointed, setPointed] = useState<string>();
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const toggle = useRef(onToggle);
  toggle.current = onToggle;
  const press = useCallback((host: string, place: number) => {
    setAt(place);
    toggle.current(host);
  }, []);
  const shown = hosts.find(({ host }) => host === (pointed ?? selected));
  const hostOf = (event: PointerEvent | FocusEvent) =>
    (event.target as HTMLElement).closest<HTMLElement>('[data-host]')?.dataset['host'];
  const onKeyDown = (event: KeyboardEvent) => {
    const cells = [...(list.current?.querySelectorAll<HTMLElement>('[data-host]') ?? [])];
    const row = Math.max(
      1,
      cells.findIndex(({ offsetTop }) => offsetTop > (cells[0]?.offsetTop ?? 0)),
    );
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -1e6, End: 1e6 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = Math.min(cells.length - 1, Math.max(0, at + step));
    setAt(next);
    cells[next]?.focus();
  };
  return (
    <>
      <p
        className="num sticky top-0 z-1 h-6 truncate bg-surface pr-3 pl-5 text-meta text-text-2"
        data-testid="run.host"
      >
        {shown ? wordsOf(shown) : ''}
      </p>
      <ul
        ref={list}
        className="flex flex-wrap gap-1 pr-3 pb-4 pl-5"
        onKeyDown={onKeyDown}
        onPointerOver={(event) => setPointed(hostOf(event))}
        onPointerLeave={() => setPointed(undefined)}
        onFocus={(event) => setPointed(hostOf(event))}
        onBlur={() => setPointed(undefined)}
      >
        {hosts.map((tile, index) => (
          <Cell
            key={tile.host}
            label={wordsOf(tile)}
            host={tile.host}
            status={tile.status}
            isSelected={tile.host === selected}
            isTab={index === Math.min(at, hosts.length - 1)}
            index={index}
            onPress={press}
          />
        ))}
      </ul>
    </>
  );
}

interface CellProps {
  label: string;
  host: string;
  status: HostTile['status'];
  isSelected: boolean;
  isTab: boolean;
  index: number;
  onPress: (host: string, index: number) => void;
}

/** One host. It is drawn again when something that it shows has changed; what a press does is the same for all. */
const Cell = memo(({ label, host, status, isSelected, isTab, index, onPress }: CellProps) => (
  <li>
    <button
      type="button"
      aria-label={label}
      aria-pressed={isSelected}
      tabIndex={isTab ? 0 : -1}
      data-host={host}
      data-status={status}
      onClick={() => onPress(host, index)}
      className={cx(
        'grid size-[18px] place-items-center rounded-[3px] max-sm:size-7',
        look[statusLooks[status].family],
        isSelected && 'outline-2 outline-focus',
      )}
    >
      <StatusShapeOnly status={status} size={11} />
    </button>
  </li>
));
Cell.displayName = 'Cell';
