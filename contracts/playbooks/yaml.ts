import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  stringify,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import type { Json } from './document.ts';

export interface YamlError {
  readonly code: 'yaml.not_parsed' | 'yaml.not_supported' | 'yaml.duplicate_key';
  /** Always the whole document: what cannot be read has no pointers. */
  readonly path: '';
  readonly message: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly details: { readonly line: number; readonly column: number };
}

/** Where a value stands in the text. Lines and columns count from 1. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly column: number;
}

export type ReadYaml =
  | {
      readonly ok: true;
      readonly value: Json;
      /** The place of a JSON pointer's value; of its nearest parent where there is none. */
      readonly positionOf: (pointer: string) => TextRange;
    }
  | { readonly ok: false; readonly errors: readonly YamlError[] };

const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false } as const;

/** Reads YAML 1.2 of the core schema, one document (§1). Anchors, aliases, tags and merge keys are refused. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const error = (code: YamlError['code'], message: string, offset: number): ReadYaml => {
    const { line, col } = lines.linePos(offset);
    const [atLine, column] = [Math.max(1, line), Math.max(1, col)];
    return {
      ok: false,
      errors: [
        {
          code,
          path: '',
          message: `${message} (line ${atLine}, column ${column})`,
          line: atLine,
          column,
          details: { line: atLine, column },
        },
      ],
    };
  };
  const documents = parseAllDocuments(text, { ...options, lineCounter: lines });
  if (!Array.isArray(documents) || documents.length === 0)
    return { ok: true, value: null, positionOf: () => ({ from: 0, to: 0, line: 1, column: 1 }) };
  const [document, second] = documents;
  if (!document) return error('yaml.not_parsed', 'There is no document.', 0);
  const unsupported = findUnsupported(document);
  const [wrong] = document.errors;
  if (wrong && (!unsupported || wrong.pos[0] < unsupported.offset))
    return error('yaml.not_parsed', wrong.message, wrong.pos[0]);
  if (second) return error('yaml.not_supported', 'One document only: a second begins here.', second.range[0]);
  if (unsupported) return error(unsupported.code, unsupported.message, unsupported.offset);
  return { ok: true, value: document.toJS() as Json, positionOf: (pointer) => positionIn(document, pointer, lines) };
}

interface Unsupported {
  readonly code: 'yaml.not_supported' | 'yaml.duplicate_key';
  readonly message: string;
  readonly offset: number;
}

/** The first thing in the text that the language does not take. */
function findUnsupported(document: Document.Parsed): Unsupported | undefined {
  let found: Unsupported | undefined;
  const refuse = (offset: number, message: string, code: Unsupported['code'] = 'yaml.not_supported'): symbol => {
    found = { code, message, offset };
    return visit.BREAK;
  };
  const start = (node: unknown): number => (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) return refuse(start(node), `Aliases are not supported: *${node.source}.`);
      if ('anchor' in node && node.anchor) return refuse(start(node), `Anchors are not supported: &${node.anchor}.`);
      if (node.tag) return refuse(start(node), `Tags are not supported: ${node.tag}.`);
      if (isScalar(node) && typeof node.value === 'number' && !Number.isFinite(node.value))
        return refuse(start(node), 'Numbers are finite.');
      return isMap(node) ? checkKeys(node, refuse, start) : undefined;
    },
  });
  return found;
}

function checkKeys(
  node: YAMLMap,
  refuse: (offset: number, message: string, code?: Unsupported['code']) => symbol,
  start: (node: unknown) => number,
): symbol | undefined {
  const seen = new Set<string>();
  for (const { key } of node.items) {
    if (!isScalar(key))
      return refuse(start(key), isAlias(key) ? 'Aliases are not supported.' : 'A key is a plain word or text.');
    if (key.value === '<<') return refuse(start(key), 'Merge keys (<<) are not supported.');
    const name = String(key.value);
    if (seen.has(name)) return refuse(start(key), `The key ${name} is given twice.`, 'yaml.duplicate_key');
    seen.add(name);
  }
  return undefined;
}

const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === key);

function positionIn(document: Document.Parsed, pointer: string, lines: LineCounter): TextRange {
  let node: unknown = document.contents;
  let range = rangeOf(node) ?? [0, 0];
  for (const part of partsOf(pointer)) {
    const pair = isMap(node) ? pairOf(node, part) : undefined;
    const next: unknown = pair ? pair.value : isSeq(node) ? node.items[Number(part)] : undefined;
    // A key with nothing behind it is shown at its key.
    const found = rangeOf(next) ?? rangeOf(pair?.key);
    if (!found) break;
    range = found;
    node = next;
  }
  const { line, col } = lines.linePos(range[0]);
  return { from: range[0], to: range[1], line: Math.max(1, line), column: Math.max(1, col) };
}

const rangeOf = (node: unknown): readonly [number, number] | undefined => {
  const range = (node as { range?: readonly [number, number, number] | null } | null | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
};

/** How definitions are written, whole or a part at a time. */
export const writing = {
  lineWidth: 0,
  indentSeq: true,
  version: '1.2',
  schema: 'core',
  aliasDuplicateObjects: false,
} as const;

/** A definition as YAML text. */
export const writeYaml = (value: Json): string => stringify(value, writing);

/**
 * The text changed so that it says `value`: comments and the form of what stays are kept. Where the text cannot be
 * read it is written anew.
 */
export function updateYaml(text: string, value: Json): string {
  const read = readYaml(text);
  if (!read.ok) return writeYaml(value);
  const document = parseDocument(text, options);
  document.contents = (
    isNode(document.contents) ? merge(document, document.contents, value) : document.createNode(value)
  ) as typeof document.contents;
  return document.toString(writing);
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** The node that says `value`: the same where it can stay, with its parts changed. */
function merge(document: Document.Parsed, node: unknown, value: Json): Node {
  if (isMap(node) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    mergeMap(document, node, value as { readonly [key: string]: Json });
    return node;
  }
  if (isSeq(node) && Array.isArray(value)) {
    mergeList(document, node, value);
    return node;
  }
  if (isScalar(node) && (typeof value !== 'object' || value === null)) {
    if (node.value !== value) {
      node.value = value;
      delete node.source;
      if (typeof value !== 'string') delete node.type;
    }
    return node;
  }
  return document.createNode(value) as Node;
}

function mergeMap(document: Document.Parsed, node: YAMLMap, value: { readonly [key: string]: Json }): void {
  node.items = node.items.filter((pair) => isScalar(pair.key) && Object.hasOwn(value, String(pair.key.value)));
  for (const [key, part] of Object.entries(value)) {
    const pair = pairOf(node, key);
    if (pair) pair.value = merge(document, pair.value, part);
    else node.items.push(document.createPair(key, part));
  }
}

/** Elements with an `id` or `name` are followed by it, so that a step that was moved keeps its comments. */
function mergeList(document: Document.Parsed, node: YAMLSeq, value: readonly Json[]): void {
  const old = [...node.items];
  const keyOf = (part: unknown): string | undefined => {
    if (isMap(part)) return keyText(part.get('id')) ?? keyText(part.get('name'));
    if (typeof part !== 'object' || part === null) return undefined;
    const { id, name } = part as { id?: unknown; name?: unknown };
    return keyText(id) ?? keyText(name);
  };
  const known = new Map(old.map((item) => [keyOf(item), item]));
  // The parser gives the comment above the first element to the list: it goes with the element when that moves.
  const [was] = old;
  if (node.commentBefore && isNode(was) && keyOf(was) !== keyOf(value[0])) {
    was.commentBefore = node.commentBefore;
    delete node.commentBefore;
  }
  node.items = value.map((part, index) => {
    const key = keyOf(part);
    return merge(document, key === undefined ? old[index] : known.get(key), part);
  });
}

const keyText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
