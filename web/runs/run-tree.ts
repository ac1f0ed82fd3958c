import { useQueries } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RunSummary } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { useStreamEvents } from '../kit/live.tsx';
import { childrenQuery } from './runs.ts';

/** A row of the list: a run, how deep it lies, and whether runs lie below it. */
export interface RunRow extends RunSummary {
  readonly depth?: number;
  readonly childCount?: number;
  readonly isOpen?: boolean;
}

/** Runs with their children below those that are unfolded. A row that needs nothing added stays the object it is. */
export function treeRows(
  runs: readonly RunSummary[],
  counts: ReadonlyMap<string, number>,
  open: ReadonlyMap<string, readonly RunSummary[]>,
): readonly RunRow[] {
  if (counts.size === 0) return runs;
  return runs.flatMap((run): RunRow[] => {
    const childCount = counts.get(run.id);
    if (!childCount) return [run];
    const children = open.get(run.id);
    return [
      rowOf(run, childCount, children !== undefined),
      ...(children ?? []).map((child): RunRow => ({ ...child, depth: 1 })),
    ];
  });
}

/** The same run with the same facts is the same object, so that its row is not drawn again. */
const made = new WeakMap<RunSummary, RunRow>();
function rowOf(run: RunSummary, childCount: number, isOpen: boolean): RunRow {
  const before = made.get(run);
  if (before?.childCount === childCount && before.isOpen === isOpen) return before;
  const row = { ...run, childCount, isOpen };
  made.set(run, row);
  return row;
}

/** The rows of the list with what folds out below them. */
export function useRunTree(runs: readonly RunSummary[]): { rows: readonly RunRow[]; toggle: (id: string) => void } {
  const counts = useChildCounts(runs);
  const [opened, setOpened] = useState<readonly string[]>([]);
  const children = useQueries({
    queries: opened.map((id) => childrenQuery(id)),
    combine: (answers) => answers.map(({ data }) => data?.data),
  });
  const rows = useMemo(
    () => treeRows(runs, counts, new Map(opened.map((id, index) => [id, children[index] ?? []]))),
    [runs, counts, opened, children],
  );
  const toggle = useCallback(
    (id: string) => setOpened((old) => (old.includes(id) ? old.filter((other) => other !== id) : [...old, id])),
    [],
  );
  return { rows, toggle };
}

/** How many children the loaded runs have: asked once for each run, then counted up by the stream. */
function useChildCounts(runs: readonly RunSummary[]): ReadonlyMap<string, number> {
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map());
  const asked = useRef(new Set<string>());
  useEffect(() => {
    const unknown = runs.filter(({ id }) => !asked.current.has(id)).map(({ id }) => id);
    for (let from = 0; from < unknown.length; from += 200) {
      const some = unknown.slice(from, from + 200);
      for (const id of some) asked.current.add(id);
      api.countRunChildren({ query: { of: some.join(',') } }).then(
        (answer) =>
          Object.keys(answer.counts).length > 0 &&
          setCounts((old) => new Map([...old, ...Object.entries(answer.counts)])),
        () => {
          for (const id of some) asked.current.delete(id); // asked again with the next change
        },
      );
    }
  }, [runs]);
  useStreamEvents(
    useCallback((event) => {
      const parent = event.data['parentRunId'];
      if (event.type === 'run.queued' && typeof parent === 'string' && asked.current.has(parent))
        setCounts((old) => new Map(old).set(parent, (old.get(parent) ?? 0) + 1));
    }, []),
  );
  return counts;
}
