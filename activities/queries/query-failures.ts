import { ApplicationFailure } from '@temporalio/activity';
import { fullJitterMs } from '#connectors/http/retry.ts';
import { type QueryFailureFacts, QueryFailure } from '#contracts/queries/failures.ts';

/** The wait before another attempt lies below this, doubled each time up to the cap, on top of what the service asked for. */
const backoff = { baseMs: 1_000, capMs: 120_000 };

/** The type of a failure that only a person can mend, by signing in. */
export const needsSignIn = 'query.needs_sign_in';

/**
 * A service's failure as the workflow sees it: its kind as type, its facts as details. Retried when it may pass, never
 * before the service's `Retry-After`, and apart from others that failed with it.
 */
export const failureOf = (facts: QueryFailureFacts, attempt: number): ApplicationFailure =>
  ApplicationFailure.create({
    type: `query.${facts.kind}`,
    message: facts.message,
    details: [facts],
    nonRetryable: !facts.retryable,
    ...(facts.retryable && { nextRetryDelay: (facts.retryAfterMs ?? 0) + fullJitterMs(attempt, backoff) }),
  });

export const signInFailure = (facts: QueryFailureFacts): ApplicationFailure =>
  ApplicationFailure.create({ type: needsSignIn, message: facts.message, details: [facts], nonRetryable: true });

export const factsOf = (error: unknown): QueryFailureFacts | null =>
  error instanceof QueryFailure ? error.facts : null;
