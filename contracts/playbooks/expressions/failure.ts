import type { Json } from '../document.ts';

/**
 * What the language throws: a stable code (`expression.failed`, `value.wrong_type`, `shell.list_in_word`, …) and a
 * sentence for the author. It fails the step and is never retried.
 */
export class LanguageFailure extends Error {
  override readonly name = 'LanguageFailure';
  readonly code: string;
  /** `[from, to]` within the string that held the expression, where it is known. */
  readonly at: readonly [number, number] | undefined;
  readonly details: { readonly [key: string]: Json } | undefined;

  constructor(
    code: string,
    message: string,
    more: { at?: readonly [number, number]; details?: { readonly [key: string]: Json }; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.at = more.at;
    this.details = more.details;
  }
}

/** Tells a failure of the language from any other error, also across copies of this module. */
export const isLanguageFailure = (error: unknown): error is LanguageFailure =>
  error instanceof Error && error.name === 'LanguageFailure' && typeof (error as { code?: unknown }).code === 'string';
