import type { SchemaObject } from '../engine.ts';
import type { Span } from './language.ts';
import type { Field, Fields } from './schema-index.ts';

/** Something that columns can be read from at a place in a query. */
export interface Relation extends Span {
  /** What its columns are named by: folded, and as it is written. */
  readonly key: string;
  readonly label: string;
  /** Null: not known, so nothing is said of its columns. */
  readonly fields: Fields | null;
  /** The table or view it is; null for a subquery. */
  readonly object: SchemaObject | null;
  readonly isCte: boolean;
}

export type Found =
  | { readonly kind: 'field'; readonly field: Field; readonly relation: Relation }
  | { readonly kind: 'none' | 'unknown' | 'relation' }
  | { readonly kind: 'several'; readonly relations: readonly Relation[] };

/** The relations that a place in a query can name, and those of the queries around it. */
export class Scope {
  readonly relations: readonly Relation[];
  readonly outer: Scope | null;
  /** Columns that USING or NATURAL made one of two. */
  readonly merged: ReadonlySet<string>;
  constructor(relations: readonly Relation[], outer: Scope | null, merged: ReadonlySet<string> = new Set()) {
    this.relations = relations;
    this.outer = outer;
    this.merged = merged;
  }
  relation(key: string): Relation | undefined {
    return this.relations.find((relation) => relation.key === key) ?? this.outer?.relation(key);
  }
  /** What a column's name means here: of one relation where it names it, else of any. */
  find(column: string, relationKey?: string): Found {
    if (relationKey !== undefined) {
      const relation = this.relation(relationKey);
      if (!relation) return { kind: 'none' };
      const field = relation.fields?.get(column);
      if (field) return { kind: 'field', field, relation };
      return { kind: relation.fields ? 'none' : 'unknown' };
    }
    let first: Field | undefined;
    let of: Relation | undefined;
    let others: Relation[] | undefined;
    let isOpen = false;
    for (const relation of this.relations) {
      const field = relation.fields?.get(column);
      if (field && first) (others ??= []).push(relation);
      else if (field) [first, of] = [field, relation];
      isOpen ||= relation.fields === null;
    }
    if (first && of) {
      if (others && !this.merged.has(column)) return { kind: 'several', relations: [of, ...others] };
      return { kind: 'field', field: first, relation: of };
    }
    if (isOpen) return { kind: 'unknown' };
    return this.outer?.find(column) ?? { kind: 'none' };
  }
  /** All names a column could have had. */
  *names(relationKey?: string): Generator<string> {
    for (const relation of this.relations)
      if (relationKey === undefined || relation.key === relationKey)
        for (const { name } of relation.fields?.values() ?? []) yield name;
    if (this.outer) yield* this.outer.names(relationKey);
  }
}

/** Where in the text a scope holds: for completion and hover. */
export interface ScopeAt extends Span {
  readonly scope: Scope;
  /** Names of common table expressions that can be read here. */
  readonly ctes: ReadonlyMap<string, Relation>;
  /** Where FROM's list stands, so that a column before it is known to be of the SELECT. */
  readonly depth: number;
}
