import type { ReactNode } from 'react';
import type { IncidentState } from '#contracts/incidents/states.ts';
import { cx } from '../kit/cx.ts';

const ring = <circle cx="8" cy="8" r="5.3" />;
const disc = <circle cx="8" cy="8" r="6.1" fill="currentColor" stroke="none" />;
const filled = (d: string) => (
  <>
    {ring}
    <path d={d} fill="currentColor" stroke="none" />
  </>
);
/** A circle that fills as the incident goes on; a pause where it waits, a check where it is resolved. */
const shapes: Readonly<Record<IncidentState, ReactNode>> = {
  open: ring,
  acknowledged: filled('M8 8V4.7A3.3 3.3 0 0 1 11.3 8z'),
  investigating: filled('M8 4.7a3.3 3.3 0 0 1 0 6.6z'),
  pending: (
    <>
      {disc}
      <path d="M6.3 5.7v4.6M9.7 5.7v4.6" className="stroke-surface" />
    </>
  ),
  mitigated: filled('M8 4.7A3.3 3.3 0 1 1 4.7 8H8z'),
  resolved: (
    <>
      {disc}
      <path d="m5.4 8.2 1.9 1.9 3.4-4" className="stroke-surface" />
    </>
  ),
  closed: (
    <>
      {disc}
      <path d="M5.6 8h4.8" className="stroke-surface" />
    </>
  ),
  merged: (
    <>
      {ring}
      <path d="M8 5.2v5.6M5.6 8.6 8 10.8l2.4-2.2" />
    </>
  ),
  canceled: (
    <>
      {ring}
      <path d="m4.4 11.6 7.2-7.2" />
    </>
  ),
};
const colours: Readonly<Record<IncidentState, string>> = {
  open: 'text-text-2',
  acknowledged: 'text-text-2',
  investigating: 'text-text-2',
  pending: 'text-wait-fg',
  mitigated: 'text-text-2',
  resolved: 'text-ok-fg',
  closed: 'text-text-3',
  merged: 'text-text-3',
  canceled: 'text-text-3',
};

/** The shape of an incident's state; the word stands beside it. */
export function StateShape({
  state,
  size = 15,
  className,
}: {
  state: IncidentState;
  size?: number;
  className?: string;
}) {
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
      className={cx('flex-none', className ?? colours[state])}
    >
      {shapes[state]}
    </svg>
  );
}

/** A state by shape and word. */
export function StateWord({ state, name }: { state: IncidentState; name: string }) {
  return (
    <span data-state={state} className="inline-flex min-w-0 items-center gap-1.5 whitespace-nowrap">
      <StateShape state={state} />
      <bdi className="truncate">{name}</bdi>
    </span>
  );
}
