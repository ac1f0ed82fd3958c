import { useCallback, useEffect, useState, type RefObject } from 'react';

/**
 * Tells which rows of one height are in view, at once and whenever others come into it; each pixel is not told, but every
 * `step` rows.
 * @returns a function that ends it
 */
export function watchRows(
  scrollerRef: RefObject<HTMLElement | null>,
  rowHeight: number,
  step: number,
  tell: (first: number, rows: number) => void,
): () => void {
  const box = scrollerRef.current;
  if (!box) return () => undefined;
  let told = '';
  const look = () => {
    const first = Math.floor(box.scrollTop / rowHeight / step) * step;
    // Where nothing is laid out (tests), a screenful is assumed.
    const rows = Math.ceil((box.clientHeight || 800) / rowHeight) + step;
    if (told === `${first} ${rows}`) return;
    told = `${first} ${rows}`;
    tell(first, rows);
  };
  look();
  box.addEventListener('scroll', look, { passive: true });
  const observer = typeof ResizeObserver === 'function' ? new ResizeObserver(look) : undefined;
  observer?.observe(box);
  return () => {
    box.removeEventListener('scroll', look);
    observer?.disconnect();
  };
}

/**
 * Which of any number of rows of one height are in view. It keeps nothing for each row, so a row more costs nothing; it
 * draws again only when another row comes into view.
 * @returns the first row to draw and the one after the last
 */
export function useRowWindow(
  scrollerRef: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  overscan = 20,
  /** So many rows come and go at once: not each pixel draws anew. */
  step = 4,
): { from: number; to: number } {
  // A few at first; how many there is room for is known once the list is laid out, and the rest comes then.
  const [view, setView] = useState({ first: 0, rows: 4 });
  useEffect(
    () => watchRows(scrollerRef, rowHeight, step, (first, rows) => setView({ first, rows })),
    [scrollerRef, rowHeight, step],
  );
  return {
    from: Math.max(0, Math.min(view.first, count) - overscan),
    to: Math.min(count, view.first + view.rows + overscan),
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
