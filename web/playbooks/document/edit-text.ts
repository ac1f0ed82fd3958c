import { isCollection, isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import { canonicalJson } from '#contracts/playbooks/canonical.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import { readYaml, updateYaml } from '#contracts/playbooks/yaml.ts';
import { below, parentOf, partsOf, valueAt } from './json-pointer.ts';
import { cutFlow, isFullFlow, isNode, pairOf, Source, topFlow } from './yaml-source.ts';
import { fieldLines } from './yaml-text.ts';

/**
 * Edits of a playbook's text. Each knows what the document must say afterwards; it cuts that into the text's lines and
 * reads the result again. Where the cut does not say what it must (flow style across lines, unusual indentation), the
 * whole is written by the library instead, which keeps comments but not every blank. So an edit is always right, and
 * nearly always leaves every other line as it was.
 */
export type Mutable = Json[] | { [key: string]: Json };

const copyOf = (value: Json): Mutable => structuredClone(value) as Mutable;

/** Reads, lets `mutate` change a copy of the value, cuts; undefined where the text cannot be read now. */
export function edit(
  text: string,
  mutate: (value: Mutable) => void,
  cut: (source: Source, expected: Json) => string | undefined,
): string | undefined {
  const read = readYaml(text);
  if (!read.ok) return undefined;
  const expected = copyOf(read.value ?? {});
  mutate(expected);
  const done = cut(new Source(text), expected as Json);
  if (done !== undefined) {
    const again = readYaml(done);
    if (again.ok && canonicalJson(again.value) === canonicalJson(expected as Json)) return done;
  }
  return updateYaml(text, expected as Json);
}

/** Puts a value at a place, or takes it away. */
export const assign = (root: Mutable, pointer: string, value: Json | undefined): void => {
  const { parent, key } = parentOf(pointer);
  let holder: Mutable = root;
  for (const part of partsOf(parent)) {
    const inner = (holder as Record<string, Json>)[part];
    if (inner === null || typeof inner !== 'object') (holder as Record<string, Json>)[part] = {};
    holder = (holder as Record<string, Json>)[part] as unknown as Mutable;
  }
  if (value === undefined) delete (holder as Record<string, Json>)[key];
  else (holder as Record<string, Json>)[key] = value;
};

/**
 * Sets a field, or takes it away where `value` is undefined. A new field comes after those that `order` names before
 * it. Gives undefined where the text cannot be read.
 */
export function setValue(
  text: string,
  pointer: string,
  value: Json | undefined,
  order: readonly string[] = [],
): string | undefined {
  const read = readYaml(text);
  if (!read.ok) return undefined;
  const old = valueAt(read.value, pointer) as Json | undefined;
  if (value !== undefined && isRecord(old) && isRecord(value) && Object.keys(value).length > 0)
    return setParts(text, pointer, old, value);
  return edit(
    text,
    (root) => assign(root, pointer, value),
    (source, expected) => cutField(source, pointer, value, order, expected),
  );
}

const isRecord = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A map that stays is changed where it differs, so that comments between its fields stay too. */
function setParts(
  text: string,
  pointer: string,
  old: Record<string, Json>,
  value: Record<string, Json>,
): string | undefined {
  let done: string | undefined = text;
  const fresh = Object.keys(value);
  // A field that is renamed leaves one behind: what is new comes first, so that the map is never empty between.
  for (const key of [...fresh, ...Object.keys(old).filter((name) => !Object.hasOwn(value, name))]) {
    const isSame =
      Object.hasOwn(old, key) &&
      Object.hasOwn(value, key) &&
      canonicalJson(old[key] ?? null) === canonicalJson(value[key] ?? null);
    if (done !== undefined && !isSame) done = setValue(done, below(pointer, key), value[key], fresh);
  }
  return done;
}

function cutField(
  source: Source,
  pointer: string,
  value: Json | undefined,
  order: readonly string[],
  expected: Json,
): string | undefined {
  const flow = topFlow(source, pointer);
  if (flow !== undefined) return cutFlow(source, flow, expected);
  const { parent, key } = parentOf(pointer);
  const map = source.nodeAt(parent);
  if (!isMap(map)) {
    // What should hold the field is not there: it is made with it.
    return parent === '' || isCollection(map)
      ? undefined
      : cutField(source, parent, valueAt(expected, parent) as Json, order, expected);
  }
  const found = source.field(map, key);
  if (!found) return value === undefined ? source.text : insertField(source, map, key, value, order);
  const { line, column, to, isFirst } = found;
  const lines = [...source.lines];
  if (value === undefined) {
    if (!isFirst) {
      lines.splice(line, to - line);
      return lines.join('\n');
    }
    const next = lines[to];
    if (next === undefined || next.trim() === '' || next.trimStart().startsWith('#')) return undefined;
    lines.splice(line, to - line + 1, `${lines[line]?.slice(0, column) ?? ''}${next.slice(column)}`);
    return lines.join('\n');
  }
  const was = pairOf(map, key)?.value;
  const made = fieldLines(key, value, column, isFullFlow(was) && typeof value === 'object' && value !== null);
  made[0] = `${lines[line]?.slice(0, column) ?? ''}${made[0]?.slice(column) ?? ''}`;
  if (isNode(was) && isScalar(was) && to === line + 1) made[0] += remarkAfter(source, was, line);
  lines.splice(line, to - line, ...made);
  return lines.join('\n');
}

/** A comment behind a value stays on its line. */
function remarkAfter(source: Source, node: Node, line: number): string {
  const end = node.range?.[1];
  if (end === undefined || source.placeOf(end).line !== line) return '';
  return /^\s+#.*$/.exec(source.lines[line]?.slice(source.placeOf(end).column) ?? '')?.[0] ?? '';
}

function insertField(
  source: Source,
  map: YAMLMap,
  key: string,
  value: Json,
  order: readonly string[],
): string | undefined {
  const keys = map.items.map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''));
  const rank = order.indexOf(key);
  const earlier = rank < 0 ? [] : keys.filter((name) => order.includes(name) && order.indexOf(name) < rank);
  const after = rank < 0 ? keys.at(-1) : (earlier.at(-1) ?? keys.at(0));
  const place = after === undefined ? undefined : source.field(map, after);
  if (!place) return undefined;
  const lines = [...source.lines];
  lines.splice(place.to, 0, ...fieldLines(key, value, place.column));
  return lines.join('\n');
}
