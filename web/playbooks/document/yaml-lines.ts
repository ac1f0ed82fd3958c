/**
 * YAML text by its lines. Where an element or a field ends is told by indentation alone, so that what is not touched
 * stays byte for byte as its author wrote it.
 */
export const indentOf = (line: string): number => line.length - line.trimStart().length;
const isBlank = (line: string): boolean => line.trim() === '';
export const isComment = (line: string): boolean => line.trimStart().startsWith('#');
const isDash = (line: string): boolean => /^\s*-(\s|$)/.test(line);

/** The line after the last one that belongs to what begins at `start` with this column. */
export function blockEnd(lines: readonly string[], start: number, column: number, what: 'field' | 'element'): number {
  let end = start + 1;
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (isBlank(line)) continue;
    const indent = indentOf(line);
    // A list may stand at the column of its key.
    if (indent > column || (what === 'field' && indent === column && isDash(line))) end = at + 1;
    else if (!isComment(line)) break;
  }
  return end;
}

/** Where the comments begin that stand directly above a line, at its column. */
export function withComments(lines: readonly string[], start: number, column: number): number {
  let first = start;
  while (first > 0) {
    const line = lines[first - 1] ?? '';
    if (!isComment(line) || indentOf(line) !== column) break;
    first -= 1;
  }
  return first;
}

/** Lines moved to another column; blank ones stay blank. */
export const shift = (lines: readonly string[], by: number): string[] =>
  lines.map((line) =>
    isBlank(line) ? line : by >= 0 ? ' '.repeat(by) + line : line.slice(Math.min(-by, indentOf(line))),
  );
