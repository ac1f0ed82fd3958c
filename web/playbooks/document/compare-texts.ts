import { applyPatch, diffLines, structuredPatch } from 'diff';
import type { DiffLine } from '../../ui/diff-lines.tsx';

/** Joins two changes of one text: what I changed since `base` put onto `theirs`; undefined where they touch the same lines. */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  const merged = applyPatch(theirs, structuredPatch('', '', base, mine, undefined, undefined, { context: 2 }), {
    fuzzFactor: 0,
  });
  return merged === false ? undefined : merged;
}

/** Two texts as lines that are the same, added or removed. */
export function compareTexts(before: string, after: string): DiffLine[] {
  return diffLines(before, after).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): DiffLine => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text })),
  );
}
