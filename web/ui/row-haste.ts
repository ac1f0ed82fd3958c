import { useEffect, useState, type RefObject } from 'react';

/** Faster than this nobody reads a list. In pixels a millisecond. */
const FAST = 2;
/** So long after it was last fast the list counts as still, in milliseconds: one late frame is no rest. */
const STILL_MS = 120;
/** What came longer after the event before says nothing about speed, in milliseconds. */
const GAP_MS = 250;
/** So many rows a frame are filled in once the list is slow enough to be read. */
const ROWS_A_FRAME = 2;
/** So many that come at once are drawn whole at once; those behind follow a few a frame, and no frame is late for them. */
const ROWS_AT_ONCE = 10;

/** Whether a list is scrolled too fast to be read, and a queue for what can wait until it is not. */
export interface Haste {
  isFast: () => boolean;
  /** Whether a row that is made now is to be drawn whole. */
  mayBeWhole: () => boolean;
  /** Does it a few frames after the list has slowed down. @returns takes it back */
  later: (act: () => void) => () => void;
}

/**
 * Watches how fast a list is scrolled: rows that come into view meanwhile are drawn as their name alone, which costs a
 * tenth, and are filled in a few a frame afterwards. So the list keeps up with the wheel.
 */
export function useHaste(scrollerRef: RefObject<HTMLElement | null>): Haste {
  const [haste] = useState(makeHaste);
  useEffect(() => {
    const box = scrollerRef.current;
    if (!box) return undefined;
    const onScroll = (event: Event) => haste.scrolled(box.scrollTop, event.timeStamp);
    box.addEventListener('scroll', onScroll, { passive: true });
    return () => box.removeEventListener('scroll', onScroll);
  }, [scrollerRef, haste]);
  return haste;
}

/** @internal exported for its test: time comes from outside */
export function makeHaste(now: () => number = () => performance.now()) {
  let last = { top: 0, at: Number.NEGATIVE_INFINITY };
  let fastUntil = 0;
  let isWaiting = false;
  let made = 0;
  const queue = new Set<() => void>();
  const isFast = () => now() < fastUntil;
  const next = () => {
    if (!isFast()) {
      for (const act of [...queue].slice(0, ROWS_A_FRAME)) {
        queue.delete(act);
        act();
      }
    }
    isWaiting = queue.size > 0;
    if (isWaiting) requestAnimationFrame(next);
  };
  return {
    scrolled: (top: number, at: number) => {
      const [way, time] = [Math.abs(top - last.top), Math.max(1, at - last.at)];
      if (time < GAP_MS && way / time > FAST) fastUntil = at + STILL_MS;
      last = { top, at };
    },
    isFast,
    mayBeWhole: () => {
      if (isFast()) return false;
      if (made === 0) requestAnimationFrame(() => (made = 0));
      made += 1;
      // What a scroll brings comes some rows before it is seen, and can wait its turn.
      return made <= (now() - last.at < STILL_MS ? ROWS_A_FRAME : ROWS_AT_ONCE);
    },
    later: (act: () => void) => {
      queue.add(act);
      if (!isWaiting) requestAnimationFrame(next);
      isWaiting = true;
      return () => void queue.delete(act);
    },
  };
}

/** Whether a row is to be drawn whole: at once, or a moment later where it came in haste or with many. */
export function useFilledIn(haste: Haste): boolean {
  const [isFull, setFull] = useState(() => haste.mayBeWhole());
  useEffect(() => (isFull ? undefined : haste.later(() => setFull(true))), [isFull, haste]);
  return isFull;
}
