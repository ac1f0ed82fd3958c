import type { FastifyReply } from 'fastify';
import type { Clock } from '#system/clock.ts';
import { problem } from './problem.ts';

export const defaultLimits = { addressPerMinute: 600, signInsPerMinute: 10 };
export type Limits = typeof defaultLimits;

export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the bucket is full again. */
  readonly resetSeconds: number;
  /** Seconds until the next request is allowed; 0: this one is. */
  readonly retryAfter: number;
}

interface Bucket {
  tokens: number;
  at: number;
}
const mostBuckets = 50_000;

/** Token buckets in memory, each as deep as its limit a minute and refilled evenly. Each process counts for itself. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one request from a bucket. */
  take(key: string, perMinute: number): RateState {
    const now = this.#clock.now();
    const perMs = perMinute / 60_000;
    const bucket = this.#buckets.get(key) ?? { tokens: perMinute, at: now };
    bucket.tokens = Math.min(perMinute, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    this.#buckets.delete(key); // to the end of the line: used last
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > mostBuckets) this.#dropOldest();
    const isAllowed = bucket.tokens >= 1;
    if (isAllowed) bucket.tokens -= 1;
    return {
      limit: perMinute,
      remaining: Math.floor(bucket.tokens),
      resetSeconds: Math.ceil((perMinute - bucket.tokens) / perMs / 1_000),
      retryAfter: isAllowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1_000)),
    };
  }

  #dropOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}

/** Tells the caller where they stand, on good answers and refusals alike. */
export function setRateHeaders(reply: FastifyReply, { limit, remaining, resetSeconds }: RateState): void {
  void reply.headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': resetSeconds });
}

/** Refuses with 429 and says when to come again. */
export function holdRate(state: RateState): void {
  if (state.retryAfter > 0) throw problem('request.rate_limited', { retryAfter: state.retryAfter });
}
