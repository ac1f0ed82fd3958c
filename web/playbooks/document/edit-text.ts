import {
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { canonicalJson } from '#contracts/playbooks/canonical.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import { readYaml, updateYaml } from '#contracts/playbooks/yaml.ts';
import { below, parentOf, partsOf, valueAt } from './json-pointer.ts';
import { blockEnd, shift, withComments } from './yaml-lines.ts';
import { elementLines, fieldLines, flowText } from './yaml-text.ts';

/**
 * Edits of a playbook's text. Each knows what the document must say afterwards; it cuts that into the text's lines and
 * reads the result again. Where the cut does not say what it must (flow style across lines, unusual indentation), the
 * whole is written by the library instead, which keeps comments but not every blank. So an edit is always right, and
 * nearly always leaves every other line as it was.
 */
const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false } as const;

type Mutable = Json[] | { [key: string]: Json };

class Source {
  readonly counter = new LineCounter();
  readonly document;
  readonly lines: string[];

  readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.document = parseDocument(text, { ...options, lineCounter: this.counter });
    this.lines = text.split('\n');
  }

  nodeAt(pointer: string): Node | null {
    let node: unknown = this.document.contents;
    for (const part of partsOf(pointer)) {
      if (isMap(node)) node = pairOf(node, part)?.value;
      else if (isSeq(node)) node = node.items[Number(part)];
      else return null;
    }
    return isNode(node) ? node : null;
  }

  /** Line and column of an offset, both from 0. */
  placeOf(offset: number): { line: number; column: number } {
    const { line, col } = this.counter.linePos(offset);
    return { line: Math.max(0, line - 1), column: Math.max(0, col - 1) };
  }

  /** Where an element of a block list begins and ends, its comments above included. */
  element(pointer: string): { from: number; to: number; column: number } | undefined {
    const node = this.nodeAt(pointer);
    const start = node?.range?.[0];
    if (start === undefined) return undefined;
    const { line, column } = this.placeOf(start);
    const dash = this.lines[line]?.match(/^(\s*)-\s+/);
    if (!dash || dash[0].length !== column) return undefined;
    const at = dash[1]?.length ?? 0;
    return { from: withComments(this.lines, line, at), to: blockEnd(this.lines, line, at, 'element'), column: at };
  }

  /** Where a field of a block map begins and ends. */
  field(map: YAMLMap, key: string): { line: number; column: number; to: number; isFirst: boolean } | undefined {
    const pair = pairOf(map, key);
    const start = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
    if (start === undefined) return undefined;
    const { line, column } = this.placeOf(start);
    const before = this.lines[line]?.slice(0, column) ?? '';
    if (!/^[\s-]*$/.test(before)) return undefined;
    return { line, column, to: blockEnd(this.lines, line, column, 'field'), isFirst: before.includes('-') };
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
const isFlow = (node: unknown): boolean => isCollection(node) && node.flow === true;
const isFullFlow = (node: unknown): boolean => isCollection(node) && isFlow(node) && node.items.length > 0;
const copyOf = (value: Json): Mutable => structuredClone(value) as Mutable;

/** Reads, lets `mutate` change a copy of the value, cuts; undefined where the text cannot be read now. */
function edit(
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

const assign = (root: Mutable, pointer: string, value: Json | undefined): void => {
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

/** The outermost `{…}` or `[…]` around a place; the document itself does not count. */
function topFlow(source: Source, pointer: string): string | undefined {
  const parts = partsOf(parentOf(pointer).parent);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const at = below('', ...parts.slice(0, depth));
    if (isFlow(source.nodeAt(at))) return at;
  }
  return undefined;
}

function cutFlow(source: Source, pointer: string, expected: Json): string | undefined {
  const range = source.nodeAt(pointer)?.range;
  if (!range) return undefined;
  const old = source.text.slice(range[0], range[1]);
  if (old.includes('#') || old.includes('\n')) return undefined;
  return source.text.slice(0, range[0]) + flowText(valueAt(expected, pointer) as Json) + source.text.slice(range[1]);
}

/** Puts an element into a list, which is made where it is missing. */
export function insertElement(text: string, list: string, index: number, value: Json): string | undefined {
  const read = readYaml(text);
  if (!read.ok) return undefined;
  const old = valueAt(read.value, list);
  if (!Array.isArray(old) || old.length === 0) return setValue(text, list, [value]);
  return edit(
    text,
    (root) => (valueAt(root, list) as Json[]).splice(index, 0, value),
    (source, expected) => {
      const flow = isFlow(source.nodeAt(list)) ? list : topFlow(source, list);
      if (flow !== undefined) return cutFlow(source, flow, expected);
      const place = placeIn(source, list, index, old.length);
      if (!place) return undefined;
      const lines = [...source.lines];
      lines.splice(place.line, 0, ...elementLines(value, place.column));
      return lines.join('\n');
    },
  );
}

/** The line at which an element comes in, and its column. */
function placeIn(
  source: Source,
  list: string,
  index: number,
  length: number,
): { line: number; column: number } | undefined {
  if (index < length) {
    const next = source.element(below(list, index));
    return next && { line: next.from, column: next.column };
  }
  const last = source.element(below(list, length - 1));
  return last && { line: last.to, column: last.column };
}

/** Lists that need not be there: they go with their last element. */
const optionalLists = new Set(['undo', 'onFailure', 'else', 'default', 'finally', 'inputs', 'form']);

const withoutList = (root: Mutable, list: string): void => {
  const { key } = parentOf(list);
  if ((valueAt(root, list) as Json[]).length === 0 && optionalLists.has(key)) assign(root, list, undefined);
};

/** Takes an element out of its list, with the comments directly above it. */
export function removeElement(text: string, pointer: string): string | undefined {
  const { parent, key } = parentOf(pointer);
  return edit(
    text,
    (root) => {
      (valueAt(root, parent) as Json[]).splice(Number(key), 1);
      withoutList(root, parent);
    },
    (source, expected) => {
      const flow = isFlow(source.nodeAt(parent)) ? parent : topFlow(source, parent);
      if (flow !== undefined) return cutFlow(source, flow, expected);
      const place = source.element(pointer);
      return place && take(source, pointer, place, expected).join('\n');
    },
  );
}

/** The lines without an element; an emptied list goes, or says `[]`. */
function take(source: Source, pointer: string, place: { from: number; to: number }, expected: Json): string[] {
  const { parent } = parentOf(pointer);
  const lines = [...source.lines];
  const left = valueAt(expected, parent);
  lines.splice(place.from, place.to - place.from);
  if (Array.isArray(left) && left.length > 0) return lines;
  const holder = source.nodeAt(parentOf(parent).parent);
  const head = isMap(holder) ? source.field(holder, parentOf(parent).key) : undefined;
  if (!head || head.line >= place.from) return lines;
  if (left === undefined) lines.splice(head.line, place.from - head.line);
  else lines[head.line] = `${lines[head.line]?.replace(/\s*(#.*)?$/, '') ?? ''} []`;
  return lines;
}

/** Moves an element, perhaps into another list. `index` counts without the moved one. */
export function moveElement(text: string, from: string, list: string, index: number): string | undefined {
  const { parent, key } = parentOf(from);
  if (list === from || list.startsWith(`${from}/`)) return undefined;
  return edit(
    text,
    (root) => {
      const source = valueAt(root, parent) as Json[];
      const into = valueAt(root, list) as Json[] | undefined;
      const holder = into ? undefined : (valueAt(root, parentOf(list).parent) as Record<string, Json>);
      const [moved] = source.splice(Number(key), 1);
      if (moved === undefined) return;
      withoutList(root, parent); // while the way there is still the same
      if (into) into.splice(index, 0, moved);
      else if (holder) holder[parentOf(list).key] = [moved];
    },
    (source, expected) => {
      const place = source.element(from);
      if (!place || topFlow(source, below(list, 0)) !== undefined) return undefined;
      const block = source.lines.slice(place.from, place.to);
      const target = landing(source, from, list, index);
      if (!target) return undefined;
      const moved = [...target.head, ...shift(block, target.column - place.column)];
      return splice(source, from, place, target.line, moved, expected);
    },
  );
}

/** Cuts the block out and lets it in elsewhere; both places are lines of the text as it was. */
function splice(
  source: Source,
  from: string,
  place: { from: number; to: number },
  line: number,
  moved: readonly string[],
  expected: Json,
): string {
  const size = place.to - place.from;
  if (line <= place.from) {
    const lines = take(source, from, place, expected);
    lines.splice(line, 0, ...moved);
    return lines.join('\n');
  }
  const mark = source.lines.length - line;
  const lines = take(source, from, place, expected);
  lines.splice(lines.length - mark, 0, ...moved);
  return size > 0 ? lines.join('\n') : source.text;
}

function landing(
  source: Source,
  from: string,
  list: string,
  index: number,
): { line: number; column: number; head: string[] } | undefined {
  const { parent, key } = parentOf(from);
  const node = source.nodeAt(list);
  if (isSeq(node) && node.items.length > 0) {
    const at = parent === list && index >= Number(key) ? index + 1 : index;
    const place = placeIn(source, list, at, node.items.length);
    return place && { ...place, head: [] };
  }
  const { parent: holder, key: name } = parentOf(list);
  const map = source.nodeAt(holder);
  if (node !== null || !isMap(map)) return undefined;
  const last = map.items.at(-1)?.key;
  const place = isScalar(last) ? source.field(map, String(last.value)) : undefined;
  return place && { line: place.to, column: place.column + 2, head: [`${' '.repeat(place.column)}${name}:`] };
}
