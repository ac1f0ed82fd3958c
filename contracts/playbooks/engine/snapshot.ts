import type { Json } from '../document.ts';
import type { StepView } from '../expressions/scope.ts';
import { splitAddress, type StepNode, withInside } from './book.ts';
import { addressOf, type Core, type Flow, type ListEnd, type UndoEntry } from './core.ts';
import type { Frame } from './frame.ts';
import { newState, type StepState, viewOf } from './state.ts';

/** A step as it is kept while a run changes its execution; its node is found again by the address. */
export type SavedStep = Omit<StepState, 'node' | 'address' | 'isRestored'>;

/** Everything a run must remember to go on elsewhere. Plain JSON; up to some megabytes. */
export interface Snapshot {
  readonly steps: { readonly [address: string]: SavedStep };
  /** In order of completion, with the names their surroundings gave. */
  readonly undo: readonly { readonly address: string; readonly locals: { readonly [name: string]: Json } }[];
  readonly warnings: number;
  readonly valueBytes: number;
  readonly executions: number;
}

/** Writes down a run at rest. Steps inside iterations that have ended are left out where nothing can ask for them any more. */
export function takeSnapshot(core: Core): Snapshot {
  const needed = new Set(core.undoEntries.map(({ frame }) => frame.prefix));
  const steps: { [address: string]: SavedStep } = {};
  for (const [address, { node: _node, address: _address, isRestored: _restored, ...saved }] of core.states) {
    if (isInEndedIteration(core, address) && !needed.has(splitAddress(address).prefix)) continue;
    steps[address] = saved;
  }
  const undo = core.undoEntries.map(({ state, frame }) => ({ address: state.address, locals: frame.locals }));
  return { steps, undo, warnings: core.warnings, valueBytes: core.valueBytes, executions: core.executions };
}

/** Whether an `each` around the address has ended, or its iteration has. */
function isInEndedIteration(core: Core, address: string): boolean {
  for (const { index } of address.matchAll(/\]\./g)) {
    const open = address.lastIndexOf('[', index);
    const each = core.states.get(address.slice(0, open));
    const iteration = address.slice(open + 1, index);
    if (each && (!each.isOpen || each.loop?.[iteration] !== undefined)) return true;
  }
  return false;
}

/** Puts a run back as it was. */
export function restore(core: Core, snapshot: Snapshot): void {
  for (const [address, saved] of Object.entries(snapshot.steps)) {
    const node = core.book.byId.get(splitAddress(address).id);
    if (node)
      core.states.set(address, { ...newState(address, node), ...saved, isRestored: saved.status !== 'pending' });
  }
  core.warnings = snapshot.warnings;
  core.valueBytes = snapshot.valueBytes;
  core.executions = snapshot.executions;
  const frames = new Map<string, Frame>();
  for (const { address, locals } of snapshot.undo) {
    const state = core.states.get(address);
    const { prefix } = splitAddress(address);
    const frame = frames.get(prefix) ?? frameOf(core, prefix, locals);
    frames.set(prefix, frame);
    if (state) core.undoEntries.push({ state, frame } satisfies UndoEntry);
  }
}

/** What steps under this prefix could see. */
function frameOf({ states }: Core, prefix: string, locals: { readonly [name: string]: Json }): Frame {
  const views: Record<string, StepView> = {};
  for (const state of states.values()) {
    const at = splitAddress(state.address);
    if (!state.isOpen && prefix.startsWith(at.prefix)) views[at.id] = viewOf(state);
  }
  return { prefix, views, locals };
}

/** A step that had ended before the pause: seen as it was, and told to its list again. Null where it is to run. */
export function takeEnded(flow: Flow, node: StepNode): ListEnd | null {
  const state = flow.core.states.get(addressOf(flow, node));
  if (!state?.isRestored || state.isOpen) return null;
  for (const inner of withInside(node)) {
    const one = flow.core.states.get(addressOf(flow, inner));
    if (!one) continue;
    one.isRestored = false;
    flow.frame.views[inner.id] = viewOf(one);
  }
  if (state.status === 'canceled') return { kind: 'canceled' };
  if (state.error === null || state.isForgiven || state.carried) return { kind: 'succeeded' };
  return { kind: 'failed', error: state.error };
}

/** A step that was under way before the pause; null where it begins now. */
export function takeOpen(flow: Flow, node: StepNode): StepState | null {
  const state = flow.core.states.get(addressOf(flow, node));
  if (!state?.isRestored || !state.isOpen) return null;
  state.isRestored = false;
  return state;
}

/** Forgets how the inside of a container went before it is tried again. */
export function forgetInside(core: Core, node: StepNode, address: string): void {
  const { prefix } = splitAddress(address);
  const ids = new Set(insideOf(node).map(({ id }) => id));
  for (const state of core.states.values()) {
    const at = splitAddress(state.address);
    const isInside = ids.has(at.id) && at.prefix.startsWith(prefix) && state.address !== address;
    if (isInside) Object.assign(state, { status: 'pending', isOpen: false, isRestored: false });
  }
}

function insideOf(node: StepNode): StepNode[] {
  return node.lists.flat().flatMap((inner) => [inner, ...insideOf(inner)]);
}
