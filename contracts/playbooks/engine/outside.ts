import type { Done, StepRun } from './core.ts';
import { record } from './core.ts';
import type { CancelToken } from './cancel.ts';
import type { Answer, Call, OutcomeAnswer, Reply } from './effects.ts';
import { crashed, type ErrorFacts } from './failures.ts';
import { type Fiber, outside } from './fibers.ts';
import { failed } from './outcomes.ts';
import { sealOf } from './state.ts';

/** Repeats on our own where nobody knows whether a step ran that may safely run again; then a person is asked after all. */
export const mostSilentRepeats = 3;

/** Awaits an answer; what is thrown or rejected becomes `orElse`: a step must end by it, not hang or take the run with it. */
export function* guarded<T>(ask: () => Answer<T>, orElse: (facts: ErrorFacts) => T): Fiber<T> {
  try {
    return yield* outside(ask());
  } catch (error) {
    return orElse(crashed(error));
  }
}

/** Sleeps; true where it was cut short because the token asks to stop. */
export function* sleep({ core }: StepRun, ms: number, cancel: CancelToken): Fiber<boolean> {
  if (!cancel.isCanceled && ms > 0) yield* outside(core.effects.sleep(ms, cancel));
  return cancel.isCanceled;
}

export const callOf = (run: StepRun, safeToRepeat: boolean, timeoutMs: number | null): Call => ({
  address: run.state.address,
  stepId: run.node.id,
  attempt: run.state.attempts,
  execution: (run.core.executions += 1),
  ...(run.state.isSealed ? { sealed: sealOf(run.state.address) } : {}),
  safeToRepeat,
  timeoutMs,
});

/** One attempt of a step that is one call, until somebody knows how it ended. */
export function* callOutside(
  run: StepRun,
  { safeToRepeat, timeoutMs, cancel }: { safeToRepeat: boolean; timeoutMs: number | null; cancel: CancelToken },
  make: (call: Call) => Answer<Reply>,
): Fiber<Done> {
  for (let repeats = 0; ; repeats++) {
    const call = callOf(run, safeToRepeat, timeoutMs);
    const reply = yield* guarded<Reply>(
      () => make(call),
      (error) => ({ kind: 'error', error }),
    );
    if (reply.kind === 'ok') return { kind: 'succeeded', output: run.state.isSealed ? null : reply.output };
    if (reply.kind === 'error') return failed(run, reply.error);
    if (reply.kind === 'canceled') return cancel.isCanceled ? { kind: 'canceled' } : failed(run, stoppedOutside);
    if (cancel.isCanceled) return { kind: 'canceled' };
    if (safeToRepeat && repeats < mostSilentRepeats) continue;
    const answer = yield* askOutcome(run, null, reply.reason, cancel);
    if (answer === 'canceled') return { kind: 'canceled' };
    if (answer === 'ran') return { kind: 'succeeded', output: {} };
    if (answer === 'not_ran') return failed(run, didNotRun(reply.reason));
  }
}

export const stoppedOutside: ErrorFacts = {
  code: 'step.crashed',
  message: 'It was stopped from outside.',
  retryable: false,
};

export const didNotRun = (reason: string): ErrorFacts => ({
  code: 'outcome.unknown',
  message: 'Nobody could know whether it ran; a person answered that it did not.',
  retryable: false,
  details: { reason },
});

/** Waits as `unknown` until a person says what really happened. */
export function* askOutcome(
  run: StepRun,
  host: string | null,
  reason: string,
  cancel: CancelToken,
): Fiber<OutcomeAnswer> {
  const { core, state } = run;
  const { address } = state;
  state.status = 'unknown';
  record(core, { type: 'step.unknown', address, host, reason });
  const request = { address, stepId: run.node.id, host, execution: core.executions, reason };
  const answer = yield* guarded<OutcomeAnswer>(
    () => core.effects.askOutcome(request, cancel),
    () => 'not_ran',
  );
  state.status = 'running';
  record(core, { type: 'step.answered', address, host, answer });
  return answer;
}
