import type { Json, JsonObject } from '../document.ts';
import { isLanguageFailure } from '../expressions/failure.ts';
import { isRetryableCode, mayRetryCode } from '../validation/rules.ts';

/** The error of a step and of a run (specs/playbook-language.md §10). */
export interface StepError {
  readonly code: string;
  readonly message: string;
  /** The address of the innermost step; null for an error of the run itself. */
  readonly step: string | null;
  /** JSON pointer into the definition, where the mistake is in one field. */
  readonly path?: string;
  readonly host?: string;
  readonly attempt: number;
  readonly retryable: boolean;
  readonly details?: JsonObject;
  /** What failed in `onFailure` while this error was on its way. */
  readonly suppressed?: readonly StepError[];
}

/** What the outside says of a failure; the engine makes the whole error of it. */
export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  /** Where the code alone does not decide (a status 404 is final, 503 is not). */
  readonly retryable?: boolean;
  readonly details?: JsonObject;
  /** How long the other side asked us to wait (`Retry-After`). */
  readonly retryAfterMs?: number;
}

const retryableStatuses = new Set([408, 425, 429]);

/** Whether an error of this code is retried where no `retry.on` says otherwise. */
export function isRetryable({ code, retryable: told, details }: ErrorFacts): boolean {
  if (told !== undefined) return told;
  const status = details?.['status'];
  if (code === 'http.unexpected_status' && typeof status === 'number') {
    return retryableStatuses.has(status) || status >= 500;
  }
  return isRetryableCode(code);
}

/** The rule of `retry.on`: it narrows what is retryable, and widens it to codes that are retried only where asked for. */
export function mayRetry(error: Pick<StepError, 'code' | 'retryable'>, on: readonly string[] | null): boolean {
  if (!on) return error.retryable;
  return on.includes(error.code) && (error.retryable || (mayRetryCode(error.code) && !isRetryableCode(error.code)));
}

/** Thrown inside the engine to fail a step at a place in its definition. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly facts: ErrorFacts;
  readonly path: string | undefined;

  constructor(facts: ErrorFacts, path?: string) {
    super(facts.message);
    this.facts = facts;
    this.path = path;
  }
}

/**
 * The facts of whatever was thrown while a step was prepared. A mistake of our own fails the step as well: thrown on it
 * would be thrown again by each replay, and the run would never end.
 */
export function factsOf(error: unknown, path: string): { facts: ErrorFacts; path: string } {
  if (error instanceof StepFailure) return { facts: error.facts, path: error.path ?? path };
  if (!isLanguageFailure(error)) return { facts: crashed(error), path };
  const details = { ...error.details, ...(error.at ? { at: [...error.at] as Json } : {}) };
  return {
    facts: { code: error.code, message: error.message, ...(Object.keys(details).length > 0 ? { details } : {}) },
    path,
  };
}

/** A fault of ours or of the outside; trying again would meet it again. */
export function crashed(error: unknown): ErrorFacts {
  const message = error instanceof Error ? error.message : String(error);
  // What stood outside wraps the refusal that says why: `secret.missing`, say.
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'type' in cause ? cause.type : undefined;
  if (cause instanceof Error && typeof code === 'string' && /^[a-z_]+\.[a-z_]+$/.test(code))
    return { code, message: cause.message, retryable: false };
  return { code: 'step.crashed', message, retryable: false };
}

/** Crossing a limit of §11. */
export const overLimit = (limit: string, most: number, is: number, path?: string): StepFailure =>
  new StepFailure(
    { code: 'limit.exceeded', message: `More than ${most} (${limit}): ${is}.`, details: { limit, most, is } },
    path,
  );
