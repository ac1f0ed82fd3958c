import { api } from '../kit/api.ts';
import { plainText } from '../ui/ansi.ts';
import type { DiffLine } from '../ui/diff-lines.tsx';
import { LogStore } from './log-store.ts';

/** Lines of one run that are compared: beyond it a difference is found by download and a tool of one's own. */
export const mostCompared = 20_000;

/** A run's log as plain lines, with the host before each, without times: they always differ. */
export async function linesOfRun(
  id: string,
  narrowed: { host?: string | undefined; step?: string | undefined },
  signal: AbortSignal,
): Promise<{ lines: string[]; isCut: boolean }> {
  const store = new LogStore();
  let after: string | undefined;
  do {
    const page = await api.readRunLogs({ params: { id }, query: { ...narrowed, after, limit: 500 }, signal });
    store.append(page.data);
    after = page.nextCursor ?? undefined;
  } while (after !== undefined && store.count < mostCompared);
  const lines = Array.from({ length: Math.min(store.count, mostCompared) }, (_, index) => {
    const line = store.line(index);
    return line ? `${line.host ? `${line.host}  ` : ''}${plainText(line.text)}` : '';
  });
  return { lines, isCut: after !== undefined || store.count > mostCompared };
}

/** Two logs line by line; hosts that ran at once are sorted apart first, since their order differs from run to run. */
export async function compareLogs(a: readonly string[], b: readonly string[]): Promise<DiffLine[]> {
  const { diffArrays } = await import('diff');
  const byHost = (lines: readonly string[]) =>
    [...Map.groupBy(lines, (line) => line.slice(0, Math.max(0, line.indexOf('  '))))]
      .toSorted(([x], [y]) => x.localeCompare(y))
      .flatMap(([, own]) => own);
  return diffArrays(byHost(a), byHost(b)).flatMap(({ value, added, removed }) =>
    value.map((text): DiffLine => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text })),
  );
}
