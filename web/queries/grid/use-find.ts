import { useEffect, useRef, useState } from 'react';
import type { FindState } from './find-bar.tsx';
import type { ResultStore } from './result-store.ts';

const nothing: FindState = { needle: '', matches: [], isDone: true, looked: 0, current: -1 };

/** The find of a grid: what is looked for, where it is, which place one is at. `goTo` brings a cell into view. */
export function useFind(store: ResultStore, columns: readonly number[], goTo: (row: number, column: number) => void) {
  const [isOpen, setOpen] = useState(false);
  const [find, setFind] = useState(nothing);
  const { version, shown } = store.state;
  const latest = useRef({ columns, goTo });
  latest.current = { columns, goTo };
  const order = columns.join(' ');
  const { needle } = find;
  useEffect(() => {
    if (needle === '') return undefined;
    let stop = () => {};
    // What is typed meanwhile comes first.
    const timer = setTimeout(() => {
      let hasGone = false;
      stop = store.find(latest.current.columns, needle, ({ matches, isDone, looked }) => {
        setFind((old) => ({ ...old, matches, isDone, looked, current: Math.max(0, old.current) }));
        const first = matches[0];
        if (hasGone || first === undefined) return;
        hasGone = true;
        const width = Math.max(1, latest.current.columns.length);
        latest.current.goTo(Math.floor(first / width), first % width);
      });
    }, 120);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [store, version, shown, order, needle]);
  const go = (step: number) => {
    const { matches, current } = find;
    if (matches.length === 0) return;
    const next = (current + step + matches.length) % matches.length;
    setFind({ ...find, current: next });
    const at = matches[next] ?? 0;
    const width = Math.max(1, columns.length);
    goTo(Math.floor(at / width), at % width);
  };
  return {
    find,
    isOpen,
    open: () => setOpen(true),
    close: () => {
      setOpen(false);
      setFind(nothing);
    },
    look: (wanted: string) => setFind({ ...nothing, needle: wanted, isDone: wanted === '' }),
    go,
  };
}

/** The columns, by place, in which a row holds what was looked for, as a row takes them. */
export function foundIn(find: FindState, row: number, width: number): string {
  const { matches } = find;
  if (matches.length === 0) return '';
  let [low, high] = [0, matches.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((matches[middle] ?? 0) < row * width) low = middle + 1;
    else high = middle;
  }
  const columns: number[] = [];
  for (let at = matches[low]; at !== undefined && at < (row + 1) * width; low += 1, at = matches[low])
    columns.push(at % width);
  return columns.join(' ');
}
