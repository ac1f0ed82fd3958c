import { quotedName } from './names.ts';
import type { Dialect } from './language.ts';
import type { Field } from './schema-index.ts';
import type { Relation } from './scope.ts';

/** The join grain of the service's events (SFMC §9). */
const grain = ['jobid', 'listid', 'batchid', 'subscriberid'];
/** Columns of two system views that mean the same under other names (SFMC §9). */
const pairs: readonly (readonly [string, string])[] = [['triggerersenddefinitionobjectid', 'journeyactivityobjectid']];
const looksLikeKey = /(?:^|_)(?:id|key|uuid|code)$|(?:Id|ID|Key)$/;
const mostHints = 8;

/** Conditions that join the table named last to those before it, best first. */
export function joinHints(dialect: Dialect, relations: readonly Relation[]): string[] {
  const right = relations.at(-1);
  if (!right?.fields) return [];
  const found: { readonly text: string; readonly rank: number }[] = [];
  for (const left of relations.slice(0, -1)) {
    if (!left.fields) continue;
    const say = (a: Field, b: Field): string =>
      `${quotedName(dialect, left.label)}.${quotedName(dialect, a.name)} = ${quotedName(dialect, right.label)}.${quotedName(dialect, b.name)}`;
    const isGrain = grain.every((key) => left.fields?.has(key) && right.fields?.has(key));
    if (isGrain)
      found.push({
        text: grain
          .flatMap((key) => {
            const [a, b] = [left.fields?.get(key), right.fields?.get(key)];
            return a && b ? [say(a, b)] : [];
          })
          .join(' AND '),
        rank: 0,
      });
    for (const [one, other] of pairs)
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        const [a, b] = [left.fields.get(from), right.fields.get(to)];
        if (a && b) found.push({ text: say(a, b), rank: 1 });
      }
    for (const [key, a] of left.fields) {
      const b = right.fields.get(key);
      if (b && fits(a, b)) {
        const isKey = a.column?.isKey === true || b.column?.isKey === true;
        found.push({ text: say(a, b), rank: isKey ? 2 : looksLikeKey.test(a.name) ? 3 : 6 });
      }
    }
    found.push(...references(left, right, say), ...references(right, left, (a, b) => say(b, a)));
  }
  const texts = found.toSorted((a, b) => a.rank - b.rank).map(({ text }) => text);
  return [...new Set(texts)].slice(0, mostHints);
}

/** What the schema says refers to the other table; else `orders.customer_id` is taken to mean `id` of `customers`. */
function references(
  from: Relation,
  to: Relation,
  say: (a: Field, b: Field) => string,
): { text: string; rank: number }[] {
  const table = (to.object?.name ?? to.label).toLowerCase();
  const singulars = [table, table.replace(/ies$/, 'y'), table.replace(/es$/, ''), table.replace(/s$/, '')];
  const id = to.fields?.get('id');
  return [...(from.fields ?? [])].flatMap(([key, field]) => {
    const told = field.column?.details?.['references'];
    if (typeof told === 'string' && to.object?.sqlName && told.startsWith(`${to.object.sqlName}.`)) {
      const target = to.fields?.get(told.slice(to.object.sqlName.length + 1));
      return target ? [{ text: say(field, target), rank: 0 }] : [];
    }
    const lower = key.toLowerCase();
    const isMeant = id && singulars.some((singular) => lower === `${singular}_id` || lower === `${singular}id`);
    return isMeant ? [{ text: say(field, id), rank: 1 }] : [];
  });
}
const fits = (a: Field, b: Field): boolean =>
  a.type === null || b.type === null || a.type.type === b.type.type || [a, b].every(({ type }) => /^(text|email|phone|locale|uuid)$/.test(type?.type ?? '')); // prettier-ignore
