import { useRef } from 'react';

/**
 * Rows that do not move while somebody reads them. While held, rows that are shown change in place, and new ones wait;
 * `waiting` says how many.
 */
export function useHeldRows<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  isHeld: boolean,
  question: string,
): { shown: readonly T[]; waiting: number } {
  const kept = useRef<{ ids: string[]; question: string }>({ ids: [], question });
  if (!isHeld || kept.current.question !== question) {
    kept.current = { ids: rows.map(idOf), question };
    return { shown: rows, waiting: 0 };
  }
  return holdRows(rows, idOf, kept.current.ids);
}

/** The rows in the order of `ids`; what is new at the head waits, what is new at the tail (another page) is shown. */
export function holdRows<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  ids: string[],
): { shown: readonly T[]; waiting: number } {
  if (ids.length === 0) return { shown: rows, waiting: 0 };
  const known = new Set(ids);
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  const lastKnown = rows.findLastIndex((row) => known.has(idOf(row)));
  const tail = lastKnown < 0 ? [] : rows.slice(lastKnown + 1);
  const waiting = (lastKnown < 0 ? rows : rows.slice(0, lastKnown)).filter((row) => !known.has(idOf(row))).length;
  for (const row of tail) ids.push(idOf(row));
  const shown = ids.flatMap((id) => byId.get(id) ?? []);
  return { shown, waiting };
}
