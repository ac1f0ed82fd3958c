import { diffArrays } from 'diff';

/** A stretch of the base that one side replaced: from `from` up to `to`, by `lines`. */
interface Edit {
  from: number;
  to: number;
  lines: string[];
}

function editsOf(base: readonly string[], changed: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let at = 0;
  let open: Edit | null = null;
  for (const { added, removed, value } of diffArrays([...base], [...changed])) {
    if (!added && !removed) {
      at += value.length;
      open = null;
      continue;
    }
    if (!open) edits.push((open = { from: at, to: at, lines: [] }));
    if (added) open.lines.push(...value);
    else open.to = at += value.length;
  }
  return edits;
}

/**
 * Merges two texts that were typed upon the same one, line by line. Where both changed the same lines, both stand, first
 * those that were kept earlier; what both changed alike stands once.
 */
export function mergeTexts(base: string, theirs: string, mine: string): { text: string; hasConflict: boolean } {
  if (theirs === mine || mine === base) return { text: theirs, hasConflict: false };
  if (theirs === base) return { text: mine, hasConflict: false };
  const lines = base.split('\n');
  const left = editsOf(lines, theirs.split('\n'));
  const right = editsOf(lines, mine.split('\n'));
  const merged: string[] = [];
  let at = 0;
  let hasConflict = false;
  while (left.length > 0 || right.length > 0) {
    const first = Math.min(left[0]?.from ?? Infinity, right[0]?.from ?? Infinity);
    merged.push(...lines.slice(at, first));
    // Edits that touch each other are one stretch, as often as one of either side reaches into it.
    let end = first;
    const ours: Edit[] = [];
    const others: Edit[] = [];
    for (;;) {
      const [l, r] = [left[0], right[0]];
      if (l && l.from <= end) others.push(...left.splice(0, 1));
      else if (r && r.from <= end) ours.push(...right.splice(0, 1));
      else break;
      end = Math.max(end, others.at(-1)?.to ?? 0, ours.at(-1)?.to ?? 0);
    }
    const written = (edits: Edit[]): string[] => {
      const text: string[] = [];
      let from = first;
      for (const edit of edits) {
        text.push(...lines.slice(from, edit.from), ...edit.lines);
        from = edit.to;
      }
      return [...text, ...lines.slice(from, end)];
    };
    const [a, b] = [written(others), written(ours)];
    if (others.length === 0) merged.push(...b);
    else if (ours.length === 0 || a.join('\n') === b.join('\n')) merged.push(...a);
    else {
      hasConflict = true;
      merged.push(...a, ...b);
    }
    at = end;
  }
  merged.push(...lines.slice(at));
  return { text: merged.join('\n'), hasConflict };
}
