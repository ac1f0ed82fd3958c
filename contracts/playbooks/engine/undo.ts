import type { CancelToken } from './cancel.ts';
import type { UndoCount, UndoResult } from './changes.ts';
import { type Core, type Flow, record, type UndoEntry } from './core.ts';
import type { Fiber } from './fibers.ts';

/**
 * Undoes what completed, the last first, one at a time. A list that fails does not keep the next from being undone; a
 * token that asks to stop does, and leaves the rest as it is.
 */
export function* undoAll(core: Core, end: NonNullable<Flow['end']>, cancel: CancelToken): Fiber<UndoCount> {
  const entries = core.undoEntries.toReversed();
  const count = { done: 0, failed: 0, skipped: 0 };
  if (entries.length === 0) return count;
  record(core, { type: 'run.phase', phase: 'undo', ...end });
  record(core, { type: 'undo.announced', addresses: entries.map(({ state }) => state.address) });
  for (const entry of entries) {
    const result: UndoResult = cancel.isCanceled ? 'skipped' : yield* undoOne(core, entry, end, cancel);
    count[result] += 1;
    entry.state.undo = result;
    record(core, { type: 'step.undone', address: entry.state.address, result });
  }
  return count;
}

/** Runs one step's `undo` list where the step itself ran. All of it skipped by conditions: nothing was undone. */
function* undoOne(
  core: Core,
  { state, frame }: UndoEntry,
  end: NonNullable<Flow['end']>,
  cancel: CancelToken,
): Fiber<UndoResult> {
  const { undo } = state.node;
  const flow: Flow = { core, frame, cancel, position: [], error: null, end };
  const { kind } = yield* core.runList(flow, undo);
  if (kind === 'failed') return 'failed';
  if (kind === 'canceled') return 'skipped';
  return undo.every(({ id }) => frame.views[id]?.status === 'skipped') ? 'skipped' : 'done';
}
