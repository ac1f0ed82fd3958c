import { useCallback, useEffect, useState, type RefObject } from 'react';

interface RowWindow {
  /** The first row to draw and the one after the last. */
  from: number;
  to: number;
  /** Brings a row into view. */
  scrollTo: (index: number, align: 'center' | 'end') => void;
  /** Scrolls no further than is needed for a row to be seen whole, below a head that stays in place. */
  reveal: (index: number) => void;
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
): RowWindow {
  // A few at first; how many there is room for is known once the list is laid out, and the rest comes then.
  const [view, setView] = useState({ first: 0, rows: 4 });
  const onScroll = useCallback(() => {
    const box = scrollerRef.current;
    if (!box) return;
    // In steps of a few rows, so that not each pixel draws anew.
    const first = Math.floor(box.scrollTop / rowHeight / 4) * 4;
    // Where nothing is laid out (tests), a screenful is assumed.
    const rows = Math.ceil((box.clientHeight || 800) / rowHeight) + 4;
    setView((old) => (old.first === first && old.rows === rows ? old : { first, rows }));
  }, [scrollerRef, rowHeight]);
  useEffect(() => {
    onScroll();
    if (!scrollerRef.current || typeof ResizeObserver !== 'function') return undefined;
    const observer = new ResizeObserver(onScroll);
    observer.observe(scrollerRef.current);
    return () => observer.disconnect();
  }, [scrollerRef, onScroll]);
  const scrollTo = useCallback(
    (index: number, align: 'center' | 'end') => {
      const box = scrollerRef.current;
      if (!box) return;
      const room = box.clientHeight - rowHeight;
      box.scrollTo({ top: Math.max(0, index * rowHeight - (align === 'center' ? room / 2 : room - rowHeight * 2)) });
    },
    [scrollerRef, rowHeight],
  );
  const reveal = useCallback(
    (index: number) => {
      const box = scrollerRef.current;
      if (!box) return;
      const head = box.querySelector<HTMLElement>('[aria-rowindex="1"]')?.offsetHeight ?? 0;
      const top = index * rowHeight;
      const bottom = head + top + rowHeight;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
    },
    [scrollerRef, rowHeight],
  );
  return {
    from: Math.max(0, Math.min(view.first, count) - overscan),
    to: Math.min(count, view.first + view.rows + overscan),
    scrollTo,
    reveal,
    onScroll,
  };
}
