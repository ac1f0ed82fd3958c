import type { Retry } from '../document.ts';
import { parseDuration } from '../duration.ts';
import type { CancelToken } from './cancel.ts';
import { type Done, type Prepared, record, type StepRun } from './core.ts';
import { mayRetry, type StepError } from './failures.ts';
import type { Fiber } from './fibers.ts';
import { failed } from './outcomes.ts';
import { sleep } from './outside.ts';
import { forgetInside } from './snapshot.ts';

/** `retry`, with its defaults in milliseconds. */
export interface RetryPlan {
  readonly attempts: number;
  readonly on: readonly string[] | null;
  readonly backoffMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly jitter: boolean;
}

export const retryOf = (retry: Retry | undefined): RetryPlan => ({
  attempts: retry?.attempts ?? 1,
  on: retry?.on ?? null,
  backoffMs: parseDuration(retry?.backoff ?? '1s') ?? 1000,
  factor: retry?.factor ?? 2,
  maxMs: parseDuration(retry?.max ?? '5m') ?? 300_000,
  jitter: retry?.jitter ?? false,
});

/** The wait before attempt n+1: min(max, backoff × factor^(n−1)), longer where the other side asked for it. */
export function backoffMs(plan: RetryPlan, attempt: number, random: () => number, retryAfterMs = 0): number {
  const full = Math.min(plan.maxMs, plan.backoffMs * plan.factor ** (attempt - 1));
  const wait = plan.jitter ? full * (0.5 + random() / 2) : full;
  return Math.round(Math.max(wait, retryAfterMs));
}

/** Tries until it succeeds, must not, or may not any more. */
export function* runAttempts(run: StepRun, prepared: Prepared, attemptsUsed: number): Fiber<Done> {
  const { state, flow } = run;
  if (prepared.retriesItself) return yield* prepared.attempt(attemptsUsed + 1, flow.cancel);
  const plan = retryOf(run.step.retry);
  for (let attempt = attemptsUsed + 1; ; attempt++) {
    if (state.attempts !== attempt || state.attemptStartedAt === null) {
      if (attempt > 1 && run.node.lists.length > 0) forgetInside(run.core, run.node, state.address);
      state.attempts = attempt;
      state.attemptStartedAt = run.core.effects.now();
      state.firstError = null;
      state.loop = null;
    }
    const done = yield* watched(run, prepared, attempt);
    if (done.kind !== 'failed' || attempt >= plan.attempts || !mayRetry(done.error, plan.on)) return done;
    const failure = { error: done.error, attempt, retryAfterMs: done.retryAfterMs };
    if (yield* pauseBeforeRetry(run, plan, failure, flow.cancel)) return { kind: 'canceled' };
  }
}

/** Waits out the backoff; true where the token asked to stop meanwhile. */
export function* pauseBeforeRetry(
  run: StepRun,
  plan: RetryPlan,
  { error, attempt, retryAfterMs }: { error: StepError; attempt: number; retryAfterMs?: number | undefined },
  cancel: CancelToken,
): Fiber<boolean> {
  const { core, state } = run;
  if (cancel.isCanceled) return true;
  const ms = backoffMs(plan, attempt, () => core.effects.random(), retryAfterMs);
  const { address } = state;
  const until = core.effects.now() + ms;
  record(core, { type: 'step.attempt_failed', address, attempt, error, retryAt: until });
  if (ms > 0) record(core, { type: 'step.waiting', address, what: 'retry', until });
  if (yield* sleep(run, ms, cancel)) return true;
  if (ms > 0) record(core, { type: 'step.resumed', address });
  return false;
}

/** An attempt under the engine's own watch, where the outside does not keep the time. */
function* watched(run: StepRun, { attempt: begin, watchMs }: Prepared, attempt: number): Fiber<Done> {
  const { core, flow } = run;
  if (watchMs === undefined || watchMs === null) return yield* begin(attempt, flow.cancel);
  const token = flow.cancel.child();
  const timer = flow.cancel.child();
  const leftMs = Math.max(0, (run.state.attemptStartedAt ?? core.effects.now()) + watchMs - core.effects.now());
  core.effects.sleep(leftMs, timer).then(
    () => {
      if (!timer.isCanceled) core.scheduler.batch(() => token.cancel('step_timed_out'));
    },
    () => undefined,
  );
  const done = yield* begin(attempt, token);
  timer.cancel('budget_spent'); // it has served; a timer left running would keep the run open
  token.release();
  if (token.reason !== 'step_timed_out' || done.kind === 'succeeded') return done;
  return failed(
    run,
    { code: 'step.timed_out', message: `Not ended after ${watchMs} ms.`, details: { timeoutMs: watchMs } },
    { status: 'timed_out', ...(done.output === undefined ? {} : { output: done.output }) },
  );
}
