import { useRef } from 'react';

interface Kept<T> {
  question: string;
  ids: string[];
  last: Map<string, T>;
}

/**
 * Rows that do not move while somebody reads them. While held, rows that are shown change in place, new ones wait, and
 * those that left the list stay until it is let go; `waiting` says how many are new.
 */
export function useHeldRows<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  isHeld: boolean,
  question: string,
): { shown: readonly T[]; waiting: number } {
  const kept = useRef<Kept<T>>({ question, ids: [], last: new Map() });
  if (!isHeld || kept.current.question !== question || kept.current.ids.length === 0) {
    kept.current = { question, ids: rows.map(idOf), last: new Map(rows.map((row) => [idOf(row), row])) };
    return { shown: rows, waiting: 0 };
  }
  return holdRows(rows, idOf, kept.current);
}

/** The rows in the order of `ids`; what is new at the head waits, what is new at the tail (another page) is shown. */
export function holdRows<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  kept: Pick<Kept<T>, 'ids' | 'last'>,
): { shown: readonly T[]; waiting: number } {
  const known = new Set(kept.ids);
  const lastKnown = rows.findLastIndex((row) => known.has(idOf(row)));
  const tail = lastKnown < 0 ? [] : rows.slice(lastKnown + 1);
  const waiting = (lastKnown < 0 ? rows : rows.slice(0, lastKnown)).filter((row) => !known.has(idOf(row))).length;
  for (const row of rows) kept.last.set(idOf(row), row);
  for (const row of tail) kept.ids.push(idOf(row));
  return { shown: kept.ids.flatMap((id) => kept.last.get(id) ?? []), waiting };
}
