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
import type { Json } from '#contracts/playbooks/document.ts';
import { below, parentOf, partsOf, valueAt } from './json-pointer.ts';
import { blockEnd, withComments } from './yaml-lines.ts';
import { flowText } from './yaml-text.ts';

const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false } as const;

/** A text as it was read: where its nodes begin and end, in lines. */
export class Source {
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

export const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
export const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
export const isFlow = (node: unknown): boolean => isCollection(node) && node.flow === true;
export const isFullFlow = (node: unknown): boolean => isCollection(node) && isFlow(node) && node.items.length > 0;

/** The outermost `{…}` or `[…]` around a place; the document itself does not count. */
export function topFlow(source: Source, pointer: string): string | undefined {
  const parts = partsOf(parentOf(pointer).parent);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const at = below('', ...parts.slice(0, depth));
    if (isFlow(source.nodeAt(at))) return at;
  }
  return undefined;
}

/** The text with one flow written anew; undefined where that would lose a comment or a line break. */
export function cutFlow(source: Source, pointer: string, expected: Json): string | undefined {
  const range = source.nodeAt(pointer)?.range;
  if (!range) return undefined;
  const old = source.text.slice(range[0], range[1]);
  if (old.includes('#') || old.includes('\n')) return undefined;
  return source.text.slice(0, range[0]) + flowText(valueAt(expected, pointer) as Json) + source.text.slice(range[1]);
}

/** The line at which an element comes in, and its column. */
export function placeIn(
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
