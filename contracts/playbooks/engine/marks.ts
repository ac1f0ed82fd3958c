import { type StepNode, withInside } from './book.ts';
import type { SkipReason } from './changes.ts';
import { addressOf, type Flow, openState, record } from './core.ts';
import { type StepState, viewOf } from './state.ts';

/** Passes over steps and everything inside them. */
export function skipSteps(flow: Flow, nodes: readonly StepNode[], reason: SkipReason): void {
  const addresses = passOver(flow, nodes, (state) => {
    state.status = 'skipped';
    state.reason = reason;
  });
  if (addresses.length > 0) record(flow.core, { type: 'steps.skipped', addresses, reason });
}

/** Steps that had not begun when the run, or what holds them, was stopped. */
export function cancelSteps(flow: Flow, nodes: readonly StepNode[]): void {
  const addresses = passOver(flow, nodes, (state) => void (state.status = 'canceled'));
  if (addresses.length > 0) record(flow.core, { type: 'steps.canceled', addresses });
}

function passOver(flow: Flow, nodes: readonly StepNode[], mark: (state: StepState) => void): string[] {
  const addresses: string[] = [];
  for (const node of nodes) {
    for (const inner of withInside(node)) {
      const state = openState(flow, inner);
      mark(state);
      flow.frame.views[inner.id] = viewOf(state);
      addresses.push(addressOf(flow, inner));
    }
  }
  return addresses;
}
