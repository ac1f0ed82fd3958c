import type { SchemaObject } from '../engine.ts';
import { isDeprecated, tagNoteOf } from '../object-tags.ts';
import { windowParameters } from '../parameters.ts';
import { readMarks } from '../placeholders.ts';
import { type Deep, analyseDeeply } from './analyse.ts';
import { functionsOf } from './functions.ts';
import { joinHints } from './join-hints.ts';
import type { AnalyseOptions, Completion, CompletionItem, Dialect, SnippetPlace } from './language.ts';
import { quotedName } from './names.ts';
import { type Place, placeAt } from './place.ts';
import { foldName, rankOf, type SchemaIndex } from './schema-index.ts';
import { type Relation, Scope, type ScopeAt } from './scope.ts';
import { tokenize } from './tokens.ts';

/** Most that is offered at once. */
const mostItems = 200;

/**
 * What can be written at a place of a text, best first: names that are in scope there, join conditions after ON, functions,
 * words of the language that fit. Works in half-written text.
 */
export function complete(text: string, offset: number, schema: SchemaIndex, options: AnalyseOptions = {}): Completion {
  const { dialect } = schema;
  const place = placeAt(dialect, text, offset);
  const span = { from: place.from, to: place.to };
  const snippets = snippetPlace(dialect, text, offset, place);
  const nothing: Completion = { ...span, items: [], isIncomplete: false, columnsWanted: [], snippets };
  if (place.kind === 'none') return nothing;
  if (place.kind === 'parameter') return { ...nothing, items: parameters(dialect, text, place, options) };
  const deep = analyseDeeply(dialect, place.text, schema, options);
  const at = scopeAround(deep, place.from);
  const scope = at?.scope ?? new Scope([], null);
  const collector = new Collector(place.typed);
  let isCut = false;
  if (place.qualifier.length > 0) {
    isCut = qualified(collector, place, scope, schema);
  } else {
    if (place.kind === 'table') {
      for (const cte of at?.ctes.values() ?? [])
        collector.add({ label: cte.label, kind: 'table', insert: quotedName(dialect, cte.label), detail: 'WITH' }, -1);
      const { found, isCut: isMore } = schema.search(place.typed, mostItems);
      isCut = isMore;
      for (const object of found)
        collector.table(object, {
          insert: object.sqlName ?? object.name,
          detail: object.kind === 'view' ? 'view' : (object.sqlName ?? ''),
        });
      if (place.opensBracket) collector.keywords(['SELECT']);
    }
    if (place.kind === 'value') {
      if (place.isAfterOn)
        for (const hint of joinHints(dialect, scope.relations))
          collector.add({ label: hint, kind: 'join', insert: hint, detail: 'join condition' }, -2);
      columns(collector, scope, dialect);
      functions(collector, dialect);
    }
    collector.keywords(place.keywords);
  }
  const items = collector.best(mostItems);
  const wanted = [...wantedBy(scope)];
  return { ...span, items, isIncomplete: isCut || collector.size > items.length, columnsWanted: wanted, snippets };
}

/** Where the trigger of a snippet would stand. Unlike a name it may hold `-`: then the place before all of it counts. */
function snippetPlace(dialect: Dialect, text: string, offset: number, place: Place): SnippetPlace | null {
  const typed = /\p{L}[\p{L}\p{N}_-]{0,39}$/u.exec(text.slice(Math.max(0, offset - 40), offset))?.[0] ?? '';
  const from = offset - typed.length;
  const isOneWord = !typed.includes('-');
  const before = isOneWord ? place : placeAt(dialect, text, from);
  const isQuoted = isOneWord && place.from !== from;
  if (before.kind === 'none' || before.kind === 'parameter' || before.qualifier.length > 0 || isQuoted) return null;
  return { from, to: isOneWord ? place.to : offset, typed, isBeginning: before.kind === 'after' };
}

function* wantedBy(scope: Scope): Generator<string> {
  for (const { fields, object } of scope.relations)
    if (fields === null && object && object.columns === null) yield object.id;
  if (scope.outer) yield* wantedBy(scope.outer);
}

/** The innermost scope at a place. */
export function scopeAround({ scopes }: Pick<Deep, 'scopes'>, offset: number): ScopeAt | undefined {
  let best: ScopeAt | undefined;
  for (const one of scopes)
    if (one.from <= offset && offset <= one.to && (!best || one.to - one.from <= best.to - best.from)) best = one;
  return best;
}

class Collector {
  readonly #typed: string;
  readonly #found = new Map<string, { readonly item: CompletionItem; readonly rank: number }>();
  constructor(typed: string) {
    this.#typed = typed.toLowerCase();
  }
  get size(): number {
    return this.#found.size;
  }
  /** `bonus`: below 0 comes before others that fit as well. */
  add(item: CompletionItem, bonus = 0): void {
    const key = `${item.kind} ${item.label}`;
    const fit = rankOf(item.label.toLowerCase(), this.#typed);
    if (fit >= 0 && !this.#found.has(key)) this.#found.set(key, { item, rank: fit * 10 + bonus });
  }
  /** One that its service wants to take away comes after the others, and says so. */
  table(object: SchemaObject, { insert, detail }: Pick<CompletionItem, 'insert' | 'detail'>): void {
    const isOld = isDeprecated(object);
    const documentation = [isOld && `Deprecated. ${tagNoteOf(object)}`, object.description]
      .filter(Boolean)
      .join('\n\n');
    this.add(
      {
        label: object.name,
        kind: 'table',
        insert,
        detail: isOld ? 'deprecated' : detail,
        ...(documentation && { documentation }),
        ...(isOld && { isDeprecated: true }),
      },
      isOld ? 5 : 0,
    );
  }
  keywords(words: readonly string[]): void {
    for (const word of words) this.add({ label: word, kind: 'keyword', insert: word, detail: '' }, 6);
  }
  best(most: number): CompletionItem[] {
    return [...this.#found.values()]
      .toSorted((a, b) => a.rank - b.rank)
      .slice(0, most)
      .map(({ item }) => item);
  }
}

const detailOf = (relation: Relation, key: string): string => {
  const field = relation.fields?.get(key);
  const { type, nativeType, length } = { ...field?.type };
  const sensitivity = field?.column?.details?.['sensitivity'];
  const size = length === undefined ? '' : `(${length})`;
  return [`${nativeType ?? type ?? ''}${size}`, relation.label, typeof sensitivity === 'string' ? sensitivity : '']
    .filter(Boolean)
    .join(' · ');
};

function columns(collector: Collector, scope: Scope, dialect: Dialect): void {
  for (let here: Scope | null = scope, depth = 0; here; here = here.outer, depth++) {
    const counts = new Map<string, number>();
    for (const { fields } of here.relations)
      for (const key of fields?.keys() ?? []) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const relation of here.relations) {
      for (const [key, field] of relation.fields ?? []) {
        const isOne = counts.get(key) === 1 && depth === 0;
        const name = quotedName(dialect, field.name);
        collector.add(
          {
            label: isOne || relation.label === '' ? field.name : `${relation.label}.${field.name}`,
            kind: 'column',
            insert: isOne || relation.label === '' ? name : `${quotedName(dialect, relation.label)}.${name}`,
            detail: detailOf(relation, key),
            ...(field.column?.description && { documentation: field.column.description }),
          },
          depth,
        );
      }
      if (relation.label !== '')
        collector.add({ label: relation.label, kind: 'alias', insert: quotedName(dialect, relation.label), detail: relation.object?.name ?? 'subquery' }, 2 + depth); // prettier-ignore
    }
  }
}

function functions(collector: Collector, dialect: Dialect): void {
  for (const { name, signature, kind, about } of functionsOf[dialect].values()) {
    const call = signature.endsWith('()') ? `${name}()` : signature.includes('(') ? `${name}($0)` : name;
    collector.add(
      {
        label: name,
        kind: 'function',
        insert: kind === 'window' ? `${call.replace('$0', '')} OVER (ORDER BY $0)` : call,
        detail: signature,
        ...(about && { documentation: about }),
      },
      4,
    );
  }
}

/** After `name.`: the columns of what is named so, or the tables of a schema. */
function qualified(collector: Collector, place: Place, scope: Scope, schema: SchemaIndex): boolean {
  const { dialect } = schema;
  const last = place.qualifier.at(-1);
  if (!last) return false;
  const relation = scope.relation(foldName(dialect, last.text, last.isQuoted));
  if (relation && place.kind !== 'table') {
    for (const [key, field] of relation.fields ?? [])
      collector.add({
        label: field.name,
        kind: 'column',
        insert: quotedName(dialect, field.name),
        detail: detailOf(relation, key),
        ...(field.column?.description && { documentation: field.column.description }),
      });
    return false;
  }
  const before = `${place.qualifier.map(({ text }) => text).join('.')}.`.toLowerCase();
  const { found, isCut } = schema.search(before + place.typed, mostItems);
  for (const object of found) {
    const written = object.sqlName ?? '';
    if (
      !written
        .toLowerCase()
        .replaceAll(/["[\]]/g, '')
        .startsWith(before)
    )
      continue;
    collector.table(object, { insert: written.slice(written.indexOf('.') + 1), detail: written });
  }
  return isCut;
}

function parameters(dialect: Dialect, text: string, place: Place, options: AnalyseOptions): CompletionItem[] {
  const collector = new Collector(place.typed);
  const close = place.isClosed ? '' : ' }}';
  for (const { name, type, description } of [...(options.parameters ?? []), ...windowParameters])
    collector.add({ label: name, kind: 'parameter', insert: `${name}${close}`, detail: type, ...(description && { documentation: description }) }); // prettier-ignore
  for (const { name, from, to } of readMarks(tokenize(dialect, text)).placeholders)
    if (name !== null && !(from <= place.from && place.from <= to))
      collector.add({ label: name, kind: 'parameter', insert: `${name}${close}`, detail: 'used in this query' });
  return collector.best(mostItems);
}
