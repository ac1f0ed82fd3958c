import type { LogChunk } from '#contracts/runs/runs.ts';
import type { LogLine } from '../ui/log-pane.tsx';

/** Lines as they grow out of chunks. A chunk may end in the middle of a line; the next of the same source goes on with it. */
export interface LogState {
  readonly lines: readonly LogLine[];
  /** Index of the line that is still open, by source. */
  readonly open: ReadonlyMap<string, number>;
  readonly cursor: string | undefined;
}

export const noLog: LogState = { lines: [], open: new Map(), cursor: undefined };

const sourceOf = ({ address, host, stream, attempt }: LogChunk): string => `${address}\n${host}\n${stream}\n${attempt}`;

/** Adds chunks in the order in which they came. Lines keep their numbers for good, so that links to them hold. */
export function addChunks(state: LogState, chunks: readonly LogChunk[]): LogState {
  if (chunks.length === 0) return state;
  const lines = [...state.lines];
  const open = new Map(state.open);
  for (const chunk of chunks) {
    const source = sourceOf(chunk);
    const pieces = chunk.text.split('\n');
    for (const [index, piece] of pieces.entries()) {
      const isLast = index === pieces.length - 1;
      const at = open.get(source);
      const before = at === undefined ? undefined : lines[at];
      if (at !== undefined && before) {
        if (piece) lines[at] = { ...before, text: before.text + piece };
        if (!isLast) open.delete(source);
        continue;
      }
      if (isLast && piece === '') continue; // the chunk ended with its line
      lines.push({ number: lines.length + 1, at: chunk.at, host: chunk.host, stream: chunk.stream, text: piece });
      if (isLast) open.set(source, lines.length - 1);
    }
  }
  return { lines, open, cursor: chunks.at(-1)?.cursor ?? state.cursor };
}
