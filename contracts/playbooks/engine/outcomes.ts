import type { Json } from '../document.ts';
import type { Done, StepRun } from './core.ts';
import { type ErrorFacts, factsOf, isRetryable, type StepError } from './failures.ts';

/** What an attempt's failure says beyond its facts. */
export interface FailureMore {
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly status?: 'failed' | 'timed_out';
  readonly output?: Json;
  /** Of the innermost step, where that is another. */
  readonly step?: string;
}

/** The whole error of a step (§10). */
export const stepError = ({ state }: StepRun, facts: ErrorFacts, more: FailureMore = {}): StepError => ({
  code: facts.code,
  message: facts.message,
  step: more.step ?? state.address,
  ...(more.path === undefined ? {} : { path: more.path }),
  ...(more.host === undefined ? {} : { host: more.host }),
  attempt: state.attempts,
  retryable: isRetryable(facts),
  ...(facts.details === undefined ? {} : { details: facts.details }),
});

/** A failed attempt. */
export const failed = (run: StepRun, facts: ErrorFacts, more: FailureMore = {}): Done => ({
  kind: 'failed',
  status: more.status ?? (facts.code === 'step.timed_out' ? 'timed_out' : 'failed'),
  error: stepError(run, facts, more),
  ...(more.output === undefined ? {} : { output: more.output }),
  ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
});

/** The end of a step in which something was thrown. */
export function failedBy(run: StepRun, error: unknown, pointer: string): Done {
  const { facts, path } = factsOf(error, pointer);
  return failed(run, facts, { path });
}

/** A container fails with the error of the child that failed first, unchanged. */
export const failedWith = (error: StepError, output: Json): Done => ({
  kind: 'failed',
  status: 'failed',
  error,
  output,
});
