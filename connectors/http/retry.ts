import { setTimeout as delay } from 'node:timers/promises';
import { QueryFailure } from '#contracts/queries/failures.ts';

/** How often and how long somebody tries again. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** The wait before the second try lies between 0 and this; it doubles each time. */
  readonly baseMs: number;
  /** No wait that is drawn exceeds it. */
  readonly capMs: number;
  /** The longest wait a service may ask for that is waited out here; beyond it the failure goes to the caller, who can sleep durably. */
  readonly patienceMs: number;
}

/** Small enough to stay within one attempt of an activity. */
export const defaultRetries: RetryPolicy = { attempts: 5, baseMs: 1_000, capMs: 20_000, patienceMs: 30_000 };

/** What a failure says about another try. `afterMs`: how long the service asked to be left alone. */
export interface RetryVerdict {
  readonly retry: boolean;
  readonly afterMs: number | null;
}

export interface RetryOptions {
  readonly policy?: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
  /** Reads `QueryFailure` by default: retryable, and not possibly carried out already. */
  readonly judge?: (error: unknown) => RetryVerdict;
  /** For tests. */
  readonly random?: () => number;
  /** For tests and for whoever sleeps otherwise; must end with the signal's reason when that aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Told before each wait. */
  readonly onRetry?: (error: unknown, waitMs: number, attempt: number) => void;
}

/**
 * Full jitter: anything between nothing and the doubled base, so that many who failed together do not come back together.
 * @param attempt the try that has failed, from 1
 */
export const fullJitterMs = (
  attempt: number,
  { baseMs, capMs }: Pick<RetryPolicy, 'baseMs' | 'capMs'>,
  random: () => number = Math.random,
): number => Math.floor(random() * Math.min(capMs, baseMs * 2 ** (attempt - 1)));

/** A request that can be repeated whatever became of it: also after an answer was lost. */
export const judgeRepeatable = (error: unknown): RetryVerdict =>
  error instanceof QueryFailure
    ? { retry: error.facts.retryable, afterMs: error.facts.retryAfterMs }
    : { retry: false, afterMs: null };

/** A request that must not be carried out twice: only where the service surely did nothing. */
export const judgeOnce = (error: unknown): RetryVerdict =>
  error instanceof QueryFailure && error.facts.mayHaveActed ? { retry: false, afterMs: null } : judgeRepeatable(error);

const sleepPlainly = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};

/**
 * Does the work, and again where its failure allows it, after full jitter and never before the service's `Retry-After`.
 * @throws the last failure; the signal's reason when that aborts
 */
export async function withRetries<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { policy = defaultRetries, signal, judge = judgeOnce, random, sleep = sleepPlainly, onRetry } = options;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      const { retry, afterMs } = judge(error);
      if (!retry || attempt >= policy.attempts || (afterMs ?? 0) > policy.patienceMs) throw error;
      // Jitter on top of what was asked for: everybody else was told the same moment.
      const waitMs = (afterMs ?? 0) + fullJitterMs(attempt, policy, random);
      onRetry?.(error, waitMs, attempt);
      await sleep(waitMs, signal);
    }
  }
}
