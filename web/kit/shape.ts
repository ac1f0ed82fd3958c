/**
 * What the first load reads from outside (refusals, stream events) is checked by hand: even zod's small dialect would
 * weigh more there than shell and first page together. Everything that a form or page reads later goes through zod.
 */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value where it is text, else null. */
export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
