import type { Sensitivity } from '../sensitivity.ts';

/** What is known of one column that a query makes or reads. */
export interface Field {
  readonly name: string;
  /** STRING, LONG, DECIMAL, DATE, TIMESTAMP, BOOLEAN …; null where it is not told. */
  readonly dataType: string | null;
  readonly sensitivity: Sensitivity;
  /** Columns of tables that it comes from, as `table.column`. */
  readonly origins: readonly string[];
  /** Whether it is a sum or count over rows, and nothing else: those can be summed again. */
  readonly isMetric: boolean;
}
export interface Relation {
  readonly alias: string;
  readonly fields: readonly Field[];
  /** Tables of people's events below it. */
  readonly tables: readonly string[];
  /** Its rows are single events: nothing adds them up by person, or by anything else. */
  readonly isEvents?: boolean;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The relations that a place in a query can name, those of the query around it last. */
export class Scope {
  readonly relations: readonly Relation[];
  readonly #outer: Scope | undefined;
  constructor(relations: readonly Relation[], outer?: Scope) {
    this.relations = relations;
    this.#outer = outer;
  }
  hasRelation(alias: string): boolean {
    return this.relations.some((relation) => same(relation.alias, alias)) || (this.#outer?.hasRelation(alias) ?? false);
  }
  /** All fields of that name; more than one means that it is ambiguous. */
  find(name: string, alias?: string): readonly Field[] {
    const found = this.relations
      .filter((relation) => alias === undefined || same(relation.alias, alias))
      .flatMap(({ fields }) => fields.filter((field) => same(field.name, name)));
    return found.length > 0 || !this.#outer ? found : this.#outer.find(name, alias);
  }
}
