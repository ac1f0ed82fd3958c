import type { Json } from '#contracts/playbooks/document.ts';

/** A value as a map; an empty one where it is none. */
export const asRecord = (value: Json | undefined): Record<string, Json> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...(value as Record<string, Json>) } : {};

/** A map with a part set or taken away; undefined where nothing is left. */
export function withPart(map: Record<string, Json>, key: string, part: Json | undefined): Json | undefined {
  const next = { ...map };
  if (part === undefined) delete next[key];
  else next[key] = part;
  return Object.keys(next).length === 0 ? undefined : next;
}
