import type { Lock } from '../document.ts';
import { parseDuration } from '../duration.ts';
import { type ErrorFacts, mayRetry } from './failures.ts';
import { pauseBeforeRetry, retryOf } from './attempts.ts';
import { type Done, record, scopeOf, type StepRun } from './core.ts';
import type { LockReply } from './effects.ts';
import type { Fiber } from './fibers.ts';
import { failed } from './outcomes.ts';
import { guarded } from './outside.ts';
import { Fields } from './render.ts';

/** Whether the step may begin, and how many attempts the waiting has used. */
export type Taken =
  | { readonly kind: 'ready'; readonly attemptsUsed: number }
  | { readonly kind: 'ended'; readonly done: Done };

/** Waits for the step's workspace-wide slot; not got in time counts as an attempt and is retried as one. */
export function* takeLock(run: StepRun): Fiber<Taken> {
  const { core, step, state, flow } = run;
  if (!step.lock) return { kind: 'ready', attemptsUsed: 0 };
  const request = lockRequest(run, step.lock);
  const plan = retryOf(step.retry);
  for (let attempt = 1; ; attempt++) {
    state.attempts = attempt;
    state.status = 'waiting';
    const until = core.effects.now() + request.waitMs;
    record(core, { type: 'step.waiting', address: state.address, what: 'lock', until });
    let fault = null as ErrorFacts | null;
    const reply = yield* guarded<LockReply>(
      () => core.effects.acquireLock(request, flow.cancel),
      (facts) => {
        fault = facts;
        return { kind: 'timed_out' };
      },
    );
    state.status = 'running';
    if (reply.kind === 'held') {
      record(core, { type: 'step.resumed', address: state.address });
      state.lockSlot = reply.slot;
      return { kind: 'ready', attemptsUsed: attempt - 1 };
    }
    if (reply.kind === 'canceled') return { kind: 'ended', done: { kind: 'canceled' } };
    const message = `The lock ${request.name} was not free within ${step.lock.wait ?? '30m'}.`;
    const done = failed(run, fault ?? { code: 'lock.timed_out', message, details: { lock: request.name } }, {
      status: 'failed',
    });
    if (done.kind !== 'failed' || attempt >= plan.attempts || !mayRetry(done.error, plan.on))
      return { kind: 'ended', done };
    if (yield* pauseBeforeRetry(run, plan, { error: done.error, attempt }, flow.cancel))
      return { kind: 'ended', done: { kind: 'canceled' } };
  }
}

function lockRequest(run: StepRun, lock: Lock) {
  const fields = new Fields(scopeOf(run), `${run.node.pointer}/lock`);
  return {
    address: run.state.address,
    name: fields.text('name', lock.name),
    limit: lock.limit ?? 1,
    waitMs: lock.wait === undefined ? (parseDuration('30m') ?? 0) : (fields.durationMs('wait', lock.wait) ?? 0),
  };
}

/** Gives the step's slot back. A fault in it changes nothing: the lock expires with its holder. */
export function* releaseLock({ core, state }: StepRun): Fiber<void> {
  const { lockSlot } = state;
  if (lockSlot === null) return;
  state.lockSlot = null;
  yield* guarded<void>(
    () => core.effects.releaseLock(lockSlot),
    () => undefined,
  );
}
