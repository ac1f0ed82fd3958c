import type { ReactNode } from 'react';
import type { IncidentState } from '#contracts/incidents/states.ts';
import { check, filledRing, Glyph, inRing, onDisc, pause, ring, slash } from '../ui/glyph-shapes.tsx';

/** A circle that fills as the incident goes on; a pause where it waits, a check where it is resolved. */
const shapes: Readonly<Record<IncidentState, ReactNode>> = {
  open: ring,
  acknowledged: filledRing('M8 8V4.7A3.3 3.3 0 0 1 11.3 8z'),
  investigating: filledRing('M8 4.7a3.3 3.3 0 0 1 0 6.6z'),
  pending: pause,
  mitigated: filledRing('M8 4.7A3.3 3.3 0 1 1 4.7 8H8z'),
  resolved: check,
  closed: onDisc('M5.6 8h4.8'),
  merged: inRing('M8 5.2v5.6M5.6 8.6 8 10.8l2.4-2.2'),
  canceled: slash,
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
export function StateShape({ state, size, className }: { state: IncidentState; size?: number; className?: string }) {
  return (
    <Glyph size={size} className={className ?? colours[state]}>
      {shapes[state]}
    </Glyph>
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
