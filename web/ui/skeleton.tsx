import { cx } from '../kit/cx.ts';

/** One grey bar in the place of a word. */
export function Skeleton({ className }: { className?: string }) {
  return <i className={cx('skeleton block flex-none', className)} />;
}

/** Rows that are not there yet: the same height as the real ones, shown after 150 ms, fading downwards. */
export function SkeletonRows({
  rows = 8,
  height = 36,
  label = 'Loading',
}: {
  rows?: number;
  height?: number;
  label?: string;
}) {
  return (
    <div role="status" aria-label={label} className="appear-late">
      {Array.from({ length: rows }, (_, row) => (
        <div
          key={row}
          className="flex items-center gap-3 border-b border-line px-5"
          style={{ height, opacity: Math.max(0.25, 1 - row * 0.09) }}
        >
          <Skeleton className="size-[15px] rounded-full!" />
          <Skeleton className={cx('h-[9px]', ['w-40', 'w-28', 'w-52', 'w-36'][row % 4])} />
          <span className="flex-1" />
          <Skeleton className="h-1.5 w-20" />
          <Skeleton className="h-[9px] w-9" />
        </div>
      ))}
    </div>
  );
}

/** A few lines that are not there yet. */
export function SkeletonLines({ lines = 4, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="appear-late flex flex-col gap-3 p-4">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} className={cx('h-[9px]', ['w-3/4', 'w-1/2', 'w-2/3', 'w-2/5'][line % 4])} />
      ))}
    </div>
  );
}
