import { useCallback, useEffect, useState, type RefObject } from 'react';

interface RowWindow {
  /** The first row to draw and the one after the last. */
  from: number;
  to: number;
  /** To be told of each scroll of the list. */
  onScroll: () => void;
}

/**
 * Which of any number of rows of one height are in view. It keeps nothing for each row, so a row more costs nothing; it
 * draws again only when another row comes into view.
 */
export function useRowWindow(
  scrollerRef: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  overscan = 20,
  /** So many rows come and go at once: not each pixel draws anew. */
  step = 4,
): RowWindow {
  // A few at first; how many there is room for is known once the list is laid out, and the rest comes then.
  const [view, setView] = useState({ first: 0, rows: 4 });
  const onScroll = useCallback(() => {
    const box = scrollerRef.current;
    if (!box) return;
    const first = Math.floor(box.scrollTop / rowHeight / step) * step;
    // Where nothing is laid out (tests), a screenful is assumed.
    const rows = Math.ceil((box.clientHeight || 800) / rowHeight) + step;
    setView((old) => (old.first === first && old.rows === rows ? old : { first, rows }));
  }, [scrollerRef, rowHeight, step]);
  useEffect(() => {
    onScroll();
    if (!scrollerRef.current || typeof ResizeObserver !== 'function') return undefined;
    const observer = new ResizeObserver(onScroll);
    observer.observe(scrollerRef.current);
    return () => observer.disconnect();
  }, [scrollerRef, onScroll]);
  return {
    from: Math.max(0, Math.min(view.first, count) - overscan),
    to: Math.min(count, view.first + view.rows + overscan),
    onScroll,
  };
}

/** Scrolls no further than is needed for a row to be seen whole, below a head that stays in place. */
export function revealRow(box: HTMLElement, index: number, rowHeight: number): void {
  const head = box.querySelector<HTMLElement>('[aria-rowindex="1"]')?.offsetHeight ?? 0;
  const top = index * rowHeight;
  const bottom = head + top + rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

/** Brings a row into the middle of its list, or to its end. */
export const useScrollTo = (scrollerRef: RefObject<HTMLElement | null>, rowHeight: number) =>
  useCallback(
    (index: number, align: 'center' | 'end') => {
      const box = scrollerRef.current;
      if (!box) return;
      const room = box.clientHeight - rowHeight;
      box.scrollTo({ top: Math.max(0, index * rowHeight - (align === 'center' ? room / 2 : room - rowHeight * 2)) });
    },
    [scrollerRef, rowHeight],
  );
