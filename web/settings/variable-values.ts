import type { Json } from '#contracts/kit/schemas.ts';

/** A variable's value as it is typed: text as it is, all else as JSON. */
export const written = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
/** What was typed, as JSON where it is JSON, else as text. */
export function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
