import { mergeTexts as patchTexts } from '../../playbooks/document/compare-texts.ts';

/** Puts what was changed here since `base` onto `theirs`; undefined where both changed the same lines. */
export function mergeTexts(base: string, mine: string, theirs: string): string | undefined {
  if (mine === base) return theirs;
  return theirs === base ? mine : patchTexts(base, mine, theirs);
}

export interface TextChange {
  /** What is replaced: a half-open range of the old text. */
  from: number;
  to: number;
  text: string;
}

/** The least stretch that makes one text of the other, so that a cursor outside of it stays where it is. */
export function smallestChange(before: string, after: string): TextChange | null {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return { from: head, to: before.length - tail, text: after.slice(head, after.length - tail) };
}
