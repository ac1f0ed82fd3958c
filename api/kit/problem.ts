import { type ErrorCode, errorDef } from '#contracts/errors.ts';
import { fillMessage } from '#contracts/kit/error-def.ts';

export type ProblemDetails =
  | { path: string; code: string; message: string; [fact: string]: unknown }[]
  | Record<string, unknown>;

/** A known refusal on its way to the caller: code, facts for the sentence, and details for fields. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: string;
  readonly statusCode: number;
  readonly details: ProblemDetails | undefined;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfter: number | undefined;
  constructor(code: string, statusCode: number, message: string, details?: ProblemDetails, retryAfter?: number) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
    this.details = details;
    this.retryAfter = retryAfter;
  }
}

/**
 * The HTTP answer to a known failure. Thrown in a handler or a repository's caller.
 * @param facts fill the sentence of `contracts/errors.ts`; `retryAfter` in seconds also becomes the header
 */
export function problem(code: ErrorCode, facts: Record<string, unknown> = {}, details?: ProblemDetails): Problem {
  const def = errorDef(code);
  const retryAfter = typeof facts.retryAfter === 'number' ? facts.retryAfter : undefined;
  return new Problem(code, def?.status ?? 500, fillMessage(def?.message ?? code, facts), details, retryAfter);
}
