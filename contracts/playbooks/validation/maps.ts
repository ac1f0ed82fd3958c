/** By itself, so that who only looks for steps in a document need not bring the whole check. */
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
