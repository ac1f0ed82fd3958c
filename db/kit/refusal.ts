import type { ErrorCode } from '#contracts/errors.ts';
import { errors } from '#contracts/errors.ts';
import { fillMessage } from '#contracts/kit/error-def.ts';

/** A rule of the data says no. The API makes an HTTP answer of it, an activity a failure; the transaction is rolled back. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: ErrorCode;
  readonly facts: Record<string, unknown>;
  /** Who stands in the way, or which line is wrong: for the answer's `details`. */
  readonly details: Record<string, unknown> | undefined;
  constructor(code: ErrorCode, facts: Record<string, unknown> = {}, details?: Record<string, unknown>) {
    super(fillMessage(errors[code].message, facts));
    this.code = code;
    this.facts = facts;
    this.details = details;
  }
}

/** Is this PostgreSQL's refusal of a second row under this constraint? */
export const violates = (error: unknown, constraint: string): boolean =>
  error instanceof Error && (error as { constraint?: string }).constraint === constraint;
