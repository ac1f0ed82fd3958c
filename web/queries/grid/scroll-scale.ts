/** Browsers draw nothing below 17.8 (Firefox) or 33.5 million pixels (Chromium); a longer list is scrolled in a shorter range. */
export const MOST_PIXELS = 15_000_000;

/** Where a list is scrolled to: `top` of the whole list is shown at the browser's `scrollTop`. */
export interface ScrollPlace {
  top: number;
  scrollTop: number;
}

/** The scroll range of a list that may be longer than a browser can scroll. */
export interface ScrollScale {
  /** Of the whole list, in pixels. */
  content: number;
  view: number;
  /** What the browser is told. */
  height: number;
}
export const scaleOf = (content: number, view: number): ScrollScale => ({
  content,
  view,
  height: Math.min(content, MOST_PIXELS),
});

/** So near to either end the range is the list, pixel by pixel: there a wheel needs all of its way. */
const EDGE = 500_000;
const last = ({ content, view }: ScrollScale): number => Math.max(0, content - view);
const lastScroll = ({ height, view }: ScrollScale): number => Math.max(0, height - view);

/** Maps one length onto another, both ends as they are and what lies between them by its share. */
function stretch(at: number, from: number, to: number): number {
  if (at <= EDGE) return at;
  if (at >= from - EDGE) return to - (from - at);
  return EDGE + ((at - EDGE) / (from - 2 * EDGE)) * (to - 2 * EDGE);
}

/** The place that shows this part of the list, its share of the list being its share of the range. */
export function placeAt(scale: ScrollScale, wanted: number): ScrollPlace {
  const top = Math.min(last(scale), Math.max(0, wanted));
  if (scale.height === scale.content) return { top, scrollTop: top };
  return { top, scrollTop: Math.round(stretch(top, last(scale), lastScroll(scale))) };
}

/**
 * Where the list is after the browser has scrolled. A short way is as long in the list as on screen, so that a wheel feels as
 * everywhere; a leap (the scrollbar, say) goes to the share of the list. Where the range ends before the list does, the
 * place has another `scrollTop` than the browser's: the caller sets it.
 */
export function placeAfter(scale: ScrollScale, before: ScrollPlace, scrollTop: number): ScrollPlace {
  if (scale.height === scale.content) return { top: scrollTop, scrollTop };
  const step = scrollTop - before.scrollTop;
  if (Math.abs(step) > scale.view * 1.5) return { top: stretch(scrollTop, lastScroll(scale), last(scale)), scrollTop };
  const top = before.top + step;
  const isAtEnd = scrollTop <= 0 || scrollTop >= lastScroll(scale) || top <= 0 || top >= last(scale);
  return isAtEnd ? placeAt(scale, top) : { top, scrollTop };
}
