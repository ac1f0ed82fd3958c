import { evaluateBoolean } from '../expressions/evaluate.ts';
import { runAttempts } from './attempts.ts';
import type { StepNode } from './book.ts';
import { takeCarried } from './carried.ts';
import { type Done, type Flow, type ListEnd, openState, record, scopeOf, type StepRun, warn } from './core.ts';
import { factsOf } from './failures.ts';
import { type Fiber, outside } from './fibers.ts';
import { prepare } from './kinds/kinds.ts';
import { releaseLock, takeLock } from './locks.ts';
import { cancelSteps, skipSteps } from './marks.ts';
import { failedBy } from './outcomes.ts';
import { at, Fields } from './render.ts';
import { takeEnded, takeOpen } from './snapshot.ts';
import { viewOf } from './state.ts';
import { keepValues, sealOwn } from './values.ts';

const succeeded: ListEnd = { kind: 'succeeded' };

/** Runs steps one after the other until one fails or the token asks to stop. */
export function* runList(flow: Flow, nodes: readonly StepNode[]): Fiber<ListEnd> {
  for (const [index, node] of nodes.entries()) {
    if (mayRest(flow)) yield* flow.core.pause.gate();
    if (flow.cancel.isCanceled) {
      cancelSteps(flow, nodes.slice(index));
      return { kind: 'canceled' };
    }
    const end = yield* runStep(flow, node);
    if (++flow.core.busySteps >= mostBusySteps) yield* breathe(flow);
    if (end.kind === 'succeeded') continue;
    const rest = nodes.slice(index + 1);
    if (end.kind === 'failed') skipSteps(flow, rest, 'earlier_failure');
    else cancelSteps(flow, rest);
    return end;
  }
  return succeeded;
}

/** A run is brought to rest between steps of its flow; `onFailure`, undo and `finally` are let come to their end. */
const mayRest = ({ core, error, end }: Flow): boolean => core.pause.isAsked && error === null && end === null;

/** So many steps may pass in one go before the outside gets a turn. */
export const mostBusySteps = 250;

/** Long work without a wait would look like a hang to who drives the engine, and fill the journal: let it have a turn. */
function* breathe({ core }: Flow): Fiber<void> {
  core.busySteps = 0;
  if (core.effects.breathe) yield* outside(core.effects.breathe());
}

function* runStep(flow: Flow, node: StepNode): Fiber<ListEnd> {
  const ended = takeEnded(flow, node);
  if (ended) return ended;
  const { core } = flow;
  const open = takeOpen(flow, node);
  if (!open && takeCarried(flow, node)) return succeeded;
  const { step } = node;
  const state = open ?? openState(flow, node);
  // A step goes on with the values it had: what it renders anew after a pause is what it rendered when it began.
  const run: StepRun = { flow, core, node, step, state, nowMs: state.startedAt ?? core.effects.now() };
  if (!open) {
    let isWanted: boolean;
    try {
      const condition = step.if;
      isWanted = condition === undefined || at(`${node.pointer}/if`, () => evaluateBoolean(condition, scopeOf(run)));
    } catch (error) {
      begin(run);
      return yield* endStep(run, failedBy(run, error, node.pointer));
    }
    if (!isWanted) {
      skipSteps(flow, [node], 'condition');
      return succeeded;
    }
    begin(run);
  }
  if (node.lists.length === 0) core.openLeaves.add(state);
  const done = yield* tryStep(run);
  const end = yield* endStep(run, done);
  core.openLeaves.delete(state);
  return end;
}

function begin({ core, state, step, nowMs }: StepRun): void {
  state.status = 'running';
  state.isOpen = true;
  state.startedAt = nowMs;
  state.attempts = 1;
  record(core, { type: 'step.started', address: state.address, stepId: step.id, kind: step.kind });
}

/** Renders all fields once, takes the lock, tries as often as allowed. The lock is given back when the step has ended. */
function* tryStep(run: StepRun): Fiber<Done> {
  const { node, step, state } = run;
  try {
    state.isSealed = new Fields(scopeOf(run), node.pointer).boolean('sensitive', step.sensitive, false);
    const prepared = yield* prepare(run);
    if (run.flow.cancel.isCanceled) return { kind: 'canceled' };
    if (state.attemptStartedAt !== null) return yield* runAttempts(run, prepared, state.attempts - 1);
    const lock = yield* takeLock(run);
    return lock.kind === 'ended' ? lock.done : yield* runAttempts(run, prepared, lock.attemptsUsed);
  } catch (error) {
    return run.flow.cancel.isCanceled ? { kind: 'canceled' } : failedBy(run, error, node.pointer);
  }
}

/** Settles a step: its values, `onFailure`, the lock, the journal, its place among what may be undone. */
function* endStep(run: StepRun, first: Done): Fiber<ListEnd> {
  const { flow, core, node, step, state } = run;
  const done = yield* sealOwn(run, keepValues(run, first));
  state.status = done.kind === 'failed' ? done.status : done.kind;
  state.isPartial = done.kind === 'succeeded' && done.isPartial === true;
  state.error = done.kind === 'failed' ? done.error : null;
  settle(run);
  if (done.kind === 'failed' && node.onFailure.length > 0) {
    const end = yield* core.runList({ ...flow, error: done.error }, node.onFailure);
    if (end.kind === 'failed')
      state.error = { ...done.error, suppressed: [...(done.error.suppressed ?? []), end.error] };
    settle(run);
  }
  if (state.lockSlot !== null) {
    yield* releaseLock(run);
    settle(run);
  }
  state.isOpen = false;
  state.isForgiven = done.kind === 'failed' && isForgiven(run);
  const { address, status, attempts, output, isSealed: sealed, error, isPartial: partial, childRunId } = state;
  record(core, {
    type: 'step.ended',
    address,
    status,
    attempts,
    output: sealed ? null : output,
    sealed,
    error,
    partial,
    childRunId,
  });
  rememberUndo(run);
  if (done.kind === 'canceled') return { kind: 'canceled' };
  if (error === null) return succeeded;
  if (!state.isForgiven) return { kind: 'failed', error };
  warn(core, address, error.code, `${step.name ?? step.id} failed, the run goes on: ${error.message}`);
  return succeeded;
}

/** Lets expressions see the step as it stands. */
function settle({ flow, core, node, state }: StepRun): void {
  state.endedAt = core.effects.now();
  flow.frame.views[node.id] = viewOf(state);
}

/** `continueOnError`, also as a template; one that cannot be rendered forgives nothing. */
function isForgiven(run: StepRun): boolean {
  try {
    return new Fields(scopeOf(run), run.node.pointer).boolean('continueOnError', run.step.continueOnError, false);
  } catch (error) {
    factsOf(error, run.node.pointer);
    return false;
  }
}

function rememberUndo({ flow, core, node, step, state }: StepRun): void {
  if (node.undo.length === 0) return;
  if (state.status !== 'succeeded' && step.undoWhen !== 'started') return;
  const before = core.undoEntries.findIndex((entry) => entry.state.address === state.address);
  if (before >= 0) core.undoEntries.splice(before, 1); // a container tried again: the newest completion counts
  core.undoEntries.push({ state, frame: flow.frame });
}
