import type { Json } from '#contracts/kit/schemas.ts';

/** A text that needs no quotes to be read as one. */
const isPlain = (text: string): boolean => text !== '' && text === text.trim() && !/[\n"]/.test(text) && !/^(?:null|true|false|[\d[{-])/.test(text); // prettier-ignore

/** A value as lines that people read, one fact a line, names in the order of the alphabet so that two can be compared. */
export function readable(value: Json, indent = ''): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}[]`];
    return value.flatMap((item) => {
      const [first = '', ...rest] = readable(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value).sort();
    if (names.length === 0) return [`${indent}{}`];
    return names.flatMap((name) => {
      const inner = value[name] ?? null;
      const isLeaf = typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0;
      return isLeaf
        ? [`${indent}${name}: ${readable(inner).join('')}`]
        : [`${indent}${name}:`, ...readable(inner, `${indent}  `)];
    });
  }
  return [`${indent}${typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value)}`];
}
