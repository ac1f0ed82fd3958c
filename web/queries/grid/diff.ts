import type { Cell } from '#contracts/queries/engine.ts';
import { compareDecimals, readDecimal } from './exact-decimal.ts';
import { profileColumn } from './profile.ts';
import type { DataColumn, ResultTable } from './result-table.ts';

/** Differences that are told one by one; the counts are of all. */
export const DIFF_LIMIT = 1_000;

export interface ResultDiff {
  same: number;
  changed: number;
  added: number;
  removed: number;
  /** Rows left out because their key comes more than once in a result. */
  repeatedKeys: { before: number; after: number };
  /** Columns of one result alone; they are not compared. */
  onlyBefore: string[];
  onlyAfter: string[];
  /** The first differences: changed, then removed, then added. */
  rows: DiffRow[];
  /** Rows changed in each column, the most first. */
  byColumn: { name: string; changed: number }[];
}
export interface DiffRow {
  how: 'changed' | 'added' | 'removed';
  key: Cell[];
  /** The cells that differ. */
  cells: { name: string; before: Cell; after: Cell }[];
}

/** How the profile of a column moved from one result to the other. */
export interface ColumnDrift {
  name: string;
  before: DriftSide;
  after: DriftSide;
}
export interface DriftSide {
  rows: number;
  nulls: number;
  distinct: number;
  min: string | null;
  max: string | null;
  mean: number | null;
}

/** Compares two results row by row; rows with one key are one. Numbers and instants by value, texts to the letter. */
export function diffResults(before: ResultTable, after: ResultTable, keyNames: readonly string[]): ResultDiff {
  const place = (table: ResultTable, name: string): number =>
    table.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
  const keys = keyNames.map((name) => ({ before: place(before, name), after: place(after, name) }));
  const shared = before.columns.flatMap(({ name }, at) => {
    const other = place(after, name);
    return other < 0 || keyNames.some((key) => key.toLowerCase() === name.toLowerCase()) ? [] : [{ name, at, other }];
  });
  const equals = shared.map(({ at, other }) => equalityOf(before.column(at), after.column(other)));
  const oldKeys = readKeys(
    before,
    keys.map(({ before: at }) => at),
  );
  const newKeys = readKeys(
    after,
    keys.map(({ after: at }) => at),
  );
  const diff: ResultDiff = {
    same: 0,
    changed: 0,
    added: 0,
    removed: 0,
    repeatedKeys: { before: oldKeys.repeated, after: newKeys.repeated },
    onlyBefore: before.columns.filter(({ name }) => place(after, name) < 0).map(({ name }) => name),
    onlyAfter: after.columns.filter(({ name }) => place(before, name) < 0).map(({ name }) => name),
    rows: [],
    byColumn: [],
  };
  const changes = shared.map(() => 0);
  const keep = (list: DiffRow[], row: () => DiffRow): void => void (list.length < DIFF_LIMIT && list.push(row()));
  const [changed, removed, added]: [DiffRow[], DiffRow[], DiffRow[]] = [[], [], []];
  const keyOfOld = (row: number): Cell[] => keys.map(({ before: at }) => before.text(row, at));
  for (const [key, row] of oldKeys.rows) {
    const other = newKeys.rows.get(key);
    if (other === undefined) {
      // A key that is repeated on the other side is not gone; it cannot be told which of its rows this one is.
      if (newKeys.seen.has(key)) continue;
      diff.removed += 1;
      keep(removed, () => ({
        how: 'removed',
        key: keyOfOld(row),
        cells: shared.map(({ name, at }) => ({ name, before: before.text(row, at), after: null })),
      }));
      continue;
    }
    let isSame = true;
    for (const [index, equal] of equals.entries()) {
      if (equal(row, other)) continue;
      isSame = false;
      changes[index] = (changes[index] ?? 0) + 1;
    }
    if (isSame) diff.same += 1;
    else {
      diff.changed += 1;
      keep(changed, () => ({
        how: 'changed',
        key: keyOfOld(row),
        cells: shared
          .filter((_, index) => equals[index]?.(row, other) === false)
          .map(({ name, at, other: to }) => ({ name, before: before.text(row, at), after: after.text(other, to) })),
      }));
    }
  }
  for (const [key, row] of newKeys.rows) {
    if (oldKeys.seen.has(key)) continue;
    diff.added += 1;
    keep(added, () => ({
      how: 'added',
      key: keys.map(({ after: at }) => after.text(row, at)),
      cells: shared.map(({ name, other }) => ({ name, before: null, after: after.text(row, other) })),
    }));
  }
  diff.rows = [...changed, ...removed, ...added].slice(0, DIFF_LIMIT);
  diff.byColumn = shared
    .map(({ name }, index) => ({ name, changed: changes[index] ?? 0 }))
    .filter((column) => column.changed > 0)
    .sort((a, b) => b.changed - a.changed);
  return diff;
}

/** How each column that both results have moved: rows, nulls, different values, range and mean. */
export function driftOf(before: ResultTable, after: ResultTable): ColumnDrift[] {
  const side = (table: ResultTable, at: number): DriftSide => {
    const { rows, nulls, distinct, numbers } = profileColumn(table, null, at);
    return { rows, nulls, distinct, min: numbers?.min ?? null, max: numbers?.max ?? null, mean: numbers?.mean ?? null };
  };
  return before.columns.flatMap(({ name }, at) => {
    const other = after.columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    return other < 0 ? [] : [{ name, before: side(before, at), after: side(after, other) }];
  });
}

interface Keys {
  /** By key, where it comes once. */
  rows: Map<string, number>;
  seen: ReadonlyMap<string, number> | ReadonlySet<string>;
  /** Rows whose key is not theirs alone. */
  repeated: number;
}
function readKeys(table: ResultTable, columns: readonly number[]): Keys {
  const data = columns.map((at) => table.column(at));
  const rows = new Map<string, number>();
  const twice = new Set<string>();
  let repeated = 0;
  for (let row = 0; row < table.rowCount; row += 1) {
    let key = '';
    // The length before each text, so that "a" + "bc" is not "ab" + "c"; a null is like no text.
    for (const column of data) {
      const text = column.text(row);
      key += text === null ? '-' : `${text.length}:${text}`;
    }
    if (rows.has(key)) {
      twice.add(key);
      repeated += 1;
    } else rows.set(key, row);
  }
  if (twice.size === 0) return { rows, seen: rows, repeated };
  const seen = new Set(rows.keys());
  for (const key of twice) rows.delete(key);
  return { rows, seen, repeated: repeated + twice.size };
}

const isSameDecimal = (a: Cell, b: Cell): boolean => {
  const [first, second] = [readDecimal(a ?? ''), readDecimal(b ?? '')];
  return a === b || (first !== null && second !== null && compareDecimals(first, second) === 0);
};

/** Tells whether two cells are the same. Texts of a dictionary are compared once for each pair of codes. */
function equalityOf(a: DataColumn, b: DataColumn): (rowA: number, rowB: number) => boolean {
  if (a.kind === 'number' && b.kind === 'number') {
    return (rowA, rowB) => {
      const [first, second] = [a.number(rowA), b.number(rowB)];
      if (first === second && a.exact.size === 0 && b.exact.size === 0) return true;
      if (first !== second && !(Number.isNaN(first) && Number.isNaN(second))) return false;
      if (a.exact.has(rowA) || b.exact.has(rowB)) return isSameDecimal(a.text(rowA), b.text(rowB));
      return a.isNull(rowA) === b.isNull(rowB);
    };
  }
  if (a.kind === 'text' && b.kind === 'text') {
    const same = b.codesOf(a);
    return (rowA, rowB) => same[a.codes[rowA] ?? 0] === b.codes[rowB];
  }
  return (rowA, rowB) => a.text(rowA) === b.text(rowB);
}
