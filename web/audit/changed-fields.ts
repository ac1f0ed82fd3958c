import type { Json } from '#contracts/kit/schemas.ts';

const short = (value: Json | undefined): string => {
  if (value === undefined || value === null) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
};
const isMap = (value: Json | null): value is { [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The fields that differ between two states, in words short enough for a line. */
export function changedFields(
  before: Json | null,
  after: Json | null,
): Array<{ name: string; before: string; after: string }> {
  if (!isMap(before) || !isMap(after)) return [];
  return Object.keys({ ...before, ...after }).flatMap((name) => {
    const [old, next] = [short(before[name]), short(after[name])];
    return JSON.stringify(before[name]) === JSON.stringify(after[name]) ? [] : [{ name, before: old, after: next }];
  });
}
