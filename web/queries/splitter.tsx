import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { cx } from '../kit/cx.ts';
import { useKept } from '../kit/kept.ts';

/** A measure in pixels that this person's browser remembers. */
export function useMeasure(name: string, fallback: number, least: number, most: number) {
  const [kept, setKept] = useKept(`queries.${name}`, String(fallback));
  const clamp = (value: number) => Math.round(Math.min(most, Math.max(least, value)));
  const size = clamp(Number(kept) || fallback);
  return {
    size,
    least,
    most,
    set: (value: number) => setKept(String(clamp(value))),
    reset: () => setKept(String(fallback)),
  };
}
export type Measure = ReturnType<typeof useMeasure>;

interface SplitterProps {
  measure: Measure;
  label: string;
  /** Which pane the measure is of, seen from the line. */
  pane: 'left' | 'right' | 'above';
}

/** A line between two panes: dragged, or moved by the arrow keys; a double click puts it back. */
export function Splitter({ measure, label, pane }: SplitterProps) {
  const isRow = pane === 'above';
  const sign = pane === 'right' ? -1 : 1;
  const begun = useRef<{ at: number; size: number }>(undefined);
  const place = (event: PointerEvent) => (isRow ? event.clientY : event.clientX);
  const onKeyDown = (event: KeyboardEvent) => {
    const [less, more] = isRow ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
    const step = event.key === more ? 16 : event.key === less ? -16 : 0;
    if (step === 0) return;
    event.preventDefault();
    measure.set(measure.size + sign * step);
  };
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={isRow ? 'horizontal' : 'vertical'}
      aria-valuenow={measure.size}
      aria-valuemin={measure.least}
      aria-valuemax={measure.most}
      onKeyDown={onKeyDown}
      onDoubleClick={measure.reset}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        begun.current = { at: place(event), size: measure.size };
      }}
      onPointerMove={(event) => {
        if (begun.current) measure.set(begun.current.size + sign * (place(event) - begun.current.at));
      }}
      onPointerUp={() => {
        begun.current = undefined;
      }}
      className={cx(
        'relative z-10 flex-none touch-none hover:bg-line-strong focus-visible:bg-focus focus-visible:outline-none',
        isRow
          ? '-my-[3px] h-[7px] cursor-row-resize bg-clip-content py-[3px]'
          : '-mx-[3px] w-[7px] cursor-col-resize bg-clip-content px-[3px]',
      )}
    />
  );
}
