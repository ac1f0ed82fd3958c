import { isMap, isScalar, isSeq } from 'yaml';
import type { Json } from '#contracts/playbooks/document.ts';
import { readYaml } from '#contracts/playbooks/yaml.ts';
import { assign, edit, type Mutable, setValue } from './edit-text.ts';
import { below, parentOf, valueAt } from './json-pointer.ts';
import { cutFlow, isFlow, placeIn, Source, topFlow } from './yaml-source.ts';
import { shift } from './yaml-lines.ts';
import { elementLines } from './yaml-text.ts';

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
