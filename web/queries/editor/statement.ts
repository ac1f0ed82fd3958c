import type { EngineKind } from '#contracts/queries/engine.ts';
import { tokenize } from '#contracts/queries/sql/tokens.ts';

export interface Fragment {
  from: number;
  to: number;
  text: string;
}

/** The statements of a text, apart by `;`, without the space around them; comments alone are none. */
export function statementsOf(engine: EngineKind, text: string): Fragment[] {
  const found: Fragment[] = [];
  let begin: number | null = null;
  let end = 0;
  const close = () => {
    if (begin !== null) found.push({ from: begin, to: end, text: text.slice(begin, end) });
    begin = null;
  };
  for (const token of tokenize(engine, text)) {
    if (token.kind === 'space' || token.kind === 'comment' || token.kind === 'end') continue;
    if (token.kind === 'symbol' && token.text === ';') close();
    else {
      begin ??= token.from;
      end = token.to;
    }
  }
  close();
  return found;
}

/**
 * What is run: what is selected, else the statement under the cursor where there are several, else the whole text.
 * Null where there is nothing to run.
 */
export function toRun(
  engine: EngineKind,
  text: string,
  cursor: { from: number; to: number } | null,
): (Fragment & { isPart: boolean }) | null {
  if (cursor && cursor.to > cursor.from) {
    const part = text.slice(cursor.from, cursor.to);
    if (part.trim() !== '')
      return { from: cursor.from, to: cursor.to, text: part, isPart: part.trim() !== text.trim() };
  }
  const statements = statementsOf(engine, text);
  if (statements.length === 0) return null;
  if (statements.length === 1) return { from: 0, to: text.length, text, isPart: false };
  const at = cursor?.from ?? 0;
  const here = statements.find(({ to }) => at <= to) ?? statements.at(-1);
  return here ? { ...here, isPart: true } : null;
}

/** Where a position of what was run lies in the text as it is now; null where that part is not in it any more. */
export function placeIn(
  text: string,
  ran: string,
  position: { line: number; column: number },
): { line: number; column: number } | null {
  const from = text.indexOf(ran);
  if (from < 0) return null;
  const before = text.slice(0, from).split('\n');
  const line = before.length + position.line - 1;
  return { line, column: position.line === 1 ? (before.at(-1)?.length ?? 0) + position.column : position.column };
}
