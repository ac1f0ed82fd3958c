import { nearestName } from '../../playbooks/nearest.ts';
import type { SchemaColumn, SchemaObject } from '../engine.ts';
import type { Dialect } from './language.ts';
import { typeOfColumn, type SqlType } from './types.ts';
import { meaningful, tokenize } from './tokens.ts';

/** A column as a query can name it. */
export interface Field {
  readonly name: string;
  readonly type: SqlType | null;
  readonly column: SchemaColumn | null;
}
/** The columns of something by the key of their names, in order. */
export type Fields = ReadonlyMap<string, Field>;

/** A part of a name as it is compared: the dialects fold letter case differently. */
export const foldName = (dialect: Dialect, text: string, isQuoted: boolean): string =>
  dialect === 'postgres' && isQuoted ? text : text.toLowerCase();

interface Entry {
  readonly object: SchemaObject;
  /** As it is written. */
  readonly sqlName: string;
  readonly lower: string;
}

const mostRemembered = 2_000;

/**
 * What can be named, found fast: built once from the names of all objects (in a worker, of 50,000 within a second), filled
 * with columns as they come. Only `setColumns` changes it.
 */
export class SchemaIndex {
  readonly dialect: Dialect;
  readonly #entries: Entry[] = [];
  readonly #byName = new Map<string, SchemaObject>();
  /** By the last part of the name, where only one object has it. */
  readonly #byLast = new Map<string, SchemaObject | null>();
  readonly #byId = new Map<string, SchemaObject>();
  readonly #columns = new Map<string, readonly SchemaColumn[]>();
  readonly #fields = new Map<string, Fields>();
  readonly #spaced = new Map<string, string[]>();
  readonly #nearest = new Map<string, string | null>();
  /** Changes whenever columns come. */
  version = 0;

  constructor(dialect: Dialect, objects: readonly SchemaObject[]) {
    this.dialect = dialect;
    for (const object of objects) this.#add(object);
  }

  get size(): number {
    return this.#entries.length;
  }
  #add(object: SchemaObject): void {
    this.#byId.set(object.id, object);
    if (object.columns) this.#columns.set(object.id, object.columns);
    if (object.sqlName === null) return;
    const parts = this.#partsOf(object.sqlName);
    const key = parts.join('\n');
    if (!this.#byName.has(key)) this.#byName.set(key, object);
    const last = parts.at(-1) ?? '';
    const isFirst = !this.#byLast.has(last) || (this.dialect === 'postgres' && parts[0] === 'public');
    // `Ent.[Name]` of a parent is not meant by a bare name.
    if (this.dialect === 'postgres') this.#byLast.set(last, isFirst ? object : (this.#byLast.get(last) ?? null));
    this.#entries.push({
      object,
      sqlName: object.sqlName,
      lower: object.sqlName.toLowerCase().replaceAll(/["[\]]/g, ''),
    });
    if (this.dialect === 'sfmc' && object.sqlName.includes('[')) {
      const [first = ''] = object.name.toLowerCase().split(/[^\p{L}\p{N}_]/u);
      this.#spaced.set(first, [...(this.#spaced.get(first) ?? []), object.name]);
    }
  }
  #partsOf(sqlName: string): string[] {
    // Most names are plain: those need no lexer.
    if (/^[A-Za-z_][\w.]*$/.test(sqlName)) return sqlName.toLowerCase().split('.');
    return meaningful(tokenize(this.dialect, sqlName)).flatMap((token) =>
      token.kind === 'word' || token.kind === 'quoted'
        ? [foldName(this.dialect, token.value, token.kind === 'quoted')]
        : [],
    );
  }

  /** The object that a name in a query means, by its folded parts. */
  find(parts: readonly string[]): SchemaObject | undefined {
    const [only] = parts;
    const exact = this.#byName.get(parts.join('\n'));
    if (exact) return exact;
    if (parts.length === 1 && only !== undefined) return this.#byLast.get(only) ?? undefined;
    // `database.schema.table`
    return parts.length === 3 ? this.#byName.get(parts.slice(1).join('\n')) : undefined;
  }
  object(id: string): SchemaObject | undefined {
    return this.#byId.get(id);
  }
  hasColumns(id: string): boolean {
    return this.#columns.has(id);
  }
  columnsOf(id: string): readonly SchemaColumn[] | null {
    return this.#columns.get(id) ?? null;
  }
  /** Columns that came later than the names. */
  setColumns(id: string, columns: readonly SchemaColumn[]): void {
    this.#columns.set(id, columns);
    this.#fields.delete(id);
    this.version++;
  }
  /** Null: not known yet. */
  fieldsOf(id: string): Fields | null {
    const known = this.#fields.get(id);
    const columns = this.#columns.get(id);
    if (known || !columns) return known ?? null;
    const fields = new Map<string, Field>();
    for (const column of columns) {
      const key = this.dialect === 'postgres' ? column.name : column.name.toLowerCase();
      fields.set(key, { name: column.name, type: typeOfColumn(column), column });
    }
    this.#fields.set(id, fields);
    return fields;
  }
  objects(): Iterable<SchemaObject> {
    return this.#byId.values();
  }

  /** The table's name that was probably meant. Remembered: it is asked again at each key. */
  nearestTable(written: string): string | undefined {
    const known = this.#nearest.get(written);
    if (known !== undefined) return known ?? undefined;
    const lower = written.toLowerCase();
    const names = new Map<string, string>();
    for (const { sqlName, lower: name } of this.#entries) {
      if (mayBeNear(name, lower)) names.set(name, sqlName);
      else if (name.includes('.')) {
        const last = name.slice(name.lastIndexOf('.') + 1);
        if (mayBeNear(last, lower)) names.set(last, sqlName);
      }
      if (names.size >= mostCompared) break;
    }
    const found = nearestName(lower, names.keys());
    const best = (found === undefined ? undefined : names.get(found)) ?? null;
    if (this.#nearest.size > mostRemembered) this.#nearest.clear();
    this.#nearest.set(written, best);
    return best ?? undefined;
  }
  /** The longest name with spaces or dashes that stands unquoted at this place of a text. */
  spacedNameAt(text: string, from: number): string | undefined {
    const first = /^[\p{L}\p{N}_]*/u.exec(text.slice(from, from + 130))?.[0].toLowerCase() ?? '';
    let best: string | undefined;
    for (const name of this.#spaced.get(first) ?? []) {
      const isHere = text.slice(from, from + name.length).toLowerCase() === name.toLowerCase();
      const isWhole = !/[\p{L}\p{N}_]/u.test(text[from + name.length] ?? '');
      if (isHere && isWhole && name.length > (best?.length ?? 0)) best = name;
    }
    return best;
  }

  /** Objects whose name begins with, has a word that begins with, holds, or has the letters of this, best first. */
  search(typed: string, most: number): { readonly found: readonly SchemaObject[]; readonly isCut: boolean } {
    const wanted = typed.toLowerCase().replaceAll(/["[\]]/g, '');
    const ranks: SchemaObject[][] = [[], [], [], []];
    let count = 0;
    for (const { object, lower } of this.#entries) {
      const rank = rankOf(lower, wanted);
      if (rank < 0) continue;
      count++;
      const bucket = ranks[rank];
      if (bucket && bucket.length < most) bucket.push(object);
    }
    const found = ranks.flat().slice(0, most);
    return { found, isCut: count > found.length };
  }
}

/** Most names that are compared letter by letter. */
const mostCompared = 500;
/** Whether two names have so much in common at both ends that they can be few edits apart: cheap, to spare the comparison. */
function mayBeNear(name: string, other: string): boolean {
  const shorter = Math.min(name.length, other.length);
  if (Math.abs(name.length - other.length) > 3) return false;
  let head = 0;
  while (head < shorter && name.charCodeAt(head) === other.charCodeAt(head)) head++;
  let tail = 0;
  while (tail < shorter - head && name.charCodeAt(name.length - 1 - tail) === other.charCodeAt(other.length - 1 - tail)) tail++; // prettier-ignore
  return head + tail >= shorter / 2;
}

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127;

/** How well a name fits what was typed, both lower case: 0 begins with it, 1 a word of it does, 2 holds it, 3 its letters; -1 not. */
export function rankOf(name: string, typed: string): number {
  if (typed === '') return 0;
  const at = name.indexOf(typed);
  if (at === 0) return 0;
  if (at > 0) return isLetter(name.charCodeAt(at - 1)) ? 2 : 1;
  if (typed.length < 2 || typed.length > 30) return -1;
  let found = -1;
  for (const char of typed) {
    found = name.indexOf(char, found + 1);
    if (found < 0) return -1;
  }
  return 3;
}
