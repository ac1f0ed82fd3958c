import type { ReactNode } from 'react';
import type { EngineKind } from '#contracts/queries/engine.ts';
import { cx } from '../kit/cx.ts';

/** Drawn by us: an envelope on its way, rising bars in a frame, a drum of rows. No mark of anybody's. */
const shapes: Readonly<Record<EngineKind, ReactNode>> = {
  sfmc: (
    <>
      <rect x="6.5" y="7" width="14" height="10.5" rx="1.8" />
      <path d="m7 8.5 6.5 5 6.5-5M2.5 10h2.4M1.5 13h3.4M2.8 16h2.1" />
    </>
  ),
  amc: (
    <>
      <path d="M4 3.5v15.2a1.8 1.8 0 0 0 1.8 1.8H20.5" />
      <path d="M8.2 16.8v-4.3M12.2 16.8V8.6M16.2 16.8v-6M20 16.8V5.5" />
    </>
  ),
  postgres: (
    <>
      <ellipse cx="12" cy="5.8" rx="7.5" ry="2.8" />
      <path d="M4.5 5.8v12.4c0 1.5 3.4 2.8 7.5 2.8s7.5-1.3 7.5-2.8V5.8M4.5 12c0 1.5 3.4 2.8 7.5 2.8s7.5-1.3 7.5-2.8" />
    </>
  ),
};

/** The mark of a kind of connection; its word stands beside it. */
export function ConnectionMark({ kind, size = 'md' }: { kind: EngineKind; size?: 'md' | 'lg' }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        'grid flex-none place-items-center rounded-md bg-fill text-text-2',
        size === 'lg' ? 'size-10' : 'size-8',
      )}
    >
      <svg
        width={size === 'lg' ? 22 : 18}
        height={size === 'lg' ? 22 : 18}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {shapes[kind]}
      </svg>
    </span>
  );
}
