import { createHash } from 'node:crypto';

/** A statement that comes so often is worth a plan of its own on every connection. */
const oftenIs = 20;
/** Each connection's backend holds the plans it has used, some tens of kilobytes each. */
const mostPlans = 100;
const mostCounted = 2_000;

const uses = new Map<string, number>();
const names = new Map<string, string>();

/** One row-shaped statement whose columns are named: a plan of `*` breaks where a newer process adds a column. */
const isFit = (text: string): boolean =>
  /^\s*(select|insert|update|delete|with)\b/i.test(text) && !/(?<!\()\*|;/.test(text);

/**
 * The name under which a connection keeps the plan of this statement; undefined where it is rare or unfit. PostgreSQL
 * itself goes on planning anew where a kept plan would be worse (`plan_cache_mode` auto).
 */
export function nameOfPlan(text: string): string | undefined {
  const name = names.get(text);
  if (name !== undefined || names.size >= mostPlans) return name;
  const count = (uses.get(text) ?? 0) + 1;
  if (count < oftenIs || !isFit(text)) {
    if (uses.size >= mostCounted) uses.clear();
    uses.set(text, count);
    return undefined;
  }
  uses.delete(text);
  const made = `wl_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
  names.set(text, made);
  return made;
}
