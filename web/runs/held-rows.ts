import { useRef } from 'react';

interface Kept<T> {
  question: string;
  ids: string[];
  last: Map<string, T>;
}
interface Held<T> {
  shown: readonly T[];
  /** How many are new and wait. */
  waiting: number;
}

/**
 * Rows that do not move while somebody reads them. While held, rows that are shown change in place, new ones wait, and
 * those that left the list stay until it is let go. The same rows give the same answer: a list of ten thousand is not gone
 * through for each key.
 */
export function useHeldRows<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  isHeld: boolean,
  question: string,
): Held<T> {
  const kept = useRef<Kept<T>>({ question, ids: [], last: new Map() });
  const answer = useRef<{ to: readonly T[]; isFree: boolean; held: Held<T> }>(undefined);
  const isSame = kept.current.question === question && answer.current?.to === rows;
  if (isHeld && kept.current.question === question && kept.current.ids.length > 0) {
    if (!isSame) answer.current = { to: rows, isFree: false, held: holdRows(rows, idOf, kept.current) };
  } else if (!isSame || !answer.current?.isFree) {
    kept.current = { question, ids: rows.map(idOf), last: new Map(rows.map((row) => [idOf(row), row])) };
    answer.current = { to: rows, isFree: true, held: { shown: rows, waiting: 0 } };
  }
  return answer.current?.held ?? { shown: rows, waiting: 0 };
}

/** The rows in the order of `ids`; what is new at the head waits, what is new at the tail (another page) is shown. */
export function holdRows<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  kept: Pick<Kept<T>, 'ids' | 'last'>,
): Held<T> {
  const known = new Set(kept.ids);
  const lastKnown = rows.findLastIndex((row) => known.has(idOf(row)));
  const tail = lastKnown < 0 ? [] : rows.slice(lastKnown + 1);
  const waiting = (lastKnown < 0 ? rows : rows.slice(0, lastKnown)).filter((row) => !known.has(idOf(row))).length;
  for (const row of rows) kept.last.set(idOf(row), row);
  for (const row of tail) kept.ids.push(idOf(row));
  return { shown: kept.ids.flatMap((id) => kept.last.get(id) ?? []), waiting };
}
