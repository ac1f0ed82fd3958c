import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';

/** What the glyphs of statuses and of incident states are drawn from, on a field of 16 by 16. */
export const ring = <circle cx="8" cy="8" r="5.3" />;
const disc = <circle cx="8" cy="8" r="6.1" fill="currentColor" stroke="none" />;
/** A mark that is cut out of a disc. */
export const onDisc = (d: string): ReactNode => (
  <>
    {disc}
    <path d={d} className="stroke-surface" />
  </>
);
/** A mark within a ring. */
export const inRing = (d: string): ReactNode => (
  <>
    {ring}
    <path d={d} />
  </>
);
/** A ring of which a part is filled. */
export const filledRing = (d: string): ReactNode => (
  <>
    {ring}
    <path d={d} fill="currentColor" stroke="none" />
  </>
);

/** Shapes that mean the same wherever they stand. */
export const slash = inRing('m4.4 11.6 7.2-7.2');
export const pause = onDisc('M6.3 5.7v4.6M9.7 5.7v4.6');
export const check = onDisc('m5.4 8.2 1.9 1.9 3.4-4');

/** The frame in which a shape is drawn; the word stands beside it or around it. */
export function Glyph({ size = 15, className, children }: { size?: number; className?: string; children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={cx('flex-none', className)}
    >
      {children}
    </svg>
  );
}
