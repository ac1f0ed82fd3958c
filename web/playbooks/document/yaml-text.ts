import { stringify } from 'yaml';
import type { Json } from '#contracts/playbooks/document.ts';
import { writing } from '#contracts/playbooks/yaml.ts';
import { shift } from './yaml-lines.ts';

/** A scalar as it may stand inside `[…]` and `{…}`. */
const flowScalar = (value: Json): string => {
  const text = stringify([value], { ...writing, collectionStyle: 'flow', blockQuote: false });
  return text.trim().slice(1, -1).trim();
};

/** A value on one line: `[a, b]`, `{ a: 1 }`. */
export function flowText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((part: Json) => flowText(part)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, part]) => `${flowScalar(key)}: ${flowText(part as Json)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return flowScalar(value);
}

const isPlain = (value: Json): boolean => typeof value !== 'object' || value === null;
/** A few words: they stand on one line, as authors write them. */
const isShort = (value: Json): boolean =>
  Array.isArray(value) &&
  value.every((part: Json) => isPlain(part) && !String(part).includes('\n')) &&
  JSON.stringify(value).length < 72;
const isEmptyMap = (value: Json): boolean =>
  value !== null && typeof value === 'object' && Object.keys(value).length === 0;

/** `key: value` as lines at a column. */
export function fieldLines(key: string, value: Json, column: number, asFlow = false): string[] {
  const head = `${' '.repeat(column)}${flowScalar(key)}:`;
  if (asFlow || isShort(value) || isEmptyMap(value)) return [`${head} ${flowText(value)}`];
  if (Array.isArray(value)) return [head, ...value.flatMap((part: Json) => elementLines(part, column + 2))];
  if (typeof value === 'object' && value !== null)
    return [head, ...Object.entries(value).flatMap(([name, part]) => fieldLines(name, part as Json, column + 2))];
  return shift(
    stringify({ [key]: value }, writing)
      .replace(/\n$/, '')
      .split('\n'),
    column,
  );
}

/** `- value` as lines at a column. */
export function elementLines(value: Json, column: number): string[] {
  if (isPlain(value) || isShort(value) || isEmptyMap(value) || Array.isArray(value))
    return shift(stringify([value], writing).replace(/\n$/, '').split('\n'), column);
  const lines = Object.entries(value as Record<string, Json>).flatMap(([key, part]) =>
    fieldLines(key, part, column + 2),
  );
  return lines.map((line, index) => (index === 0 ? `${' '.repeat(column)}- ${line.slice(column + 2)}` : line));
}
