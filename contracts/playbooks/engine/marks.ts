import { type StepNode, withInside } from './book.ts';
import type { SkipReason } from './changes.ts';
import { addressOf, type Flow, openState, record } from './core.ts';
import { viewOf } from './state.ts';

/** Passes over steps and everything inside them. */
export function skipSteps(flow: Flow, nodes: readonly StepNode[], reason: SkipReason): void {
  const addresses = passOver(flow, nodes, 'skipped', reason);
  if (addresses.length > 0) record(flow.core, { type: 'steps.skipped', addresses, reason });
}

/** Steps that had not begun when the run, or what holds them, was stopped. */
export function cancelSteps(flow: Flow, nodes: readonly StepNode[]): void {
  const addresses = passOver(flow, nodes, 'canceled', null);
  if (addresses.length > 0) record(flow.core, { type: 'steps.canceled', addresses });
}

/** Gives the addresses of which that is news: after a pause it may have been told already. */
function passOver(
  flow: Flow,
  nodes: readonly StepNode[],
  status: 'skipped' | 'canceled',
  reason: SkipReason | null,
): string[] {
  const addresses: string[] = [];
  for (const node of nodes) {
    for (const inner of withInside(node)) {
      const address = addressOf(flow, inner);
      const before = flow.core.states.get(address);
      const isTold = before?.isRestored === true && before.status === status;
      const state = isTold ? before : openState(flow, inner);
      Object.assign(state, { status, reason, isRestored: false });
      flow.frame.views[inner.id] = viewOf(state);
      if (!isTold) addresses.push(address);
    }
  }
  return addresses;
}
