import { useState } from 'react';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { cx } from '../../kit/cx.ts';
import { useIsPhone } from '../../kit/media.ts';
import { compareTexts } from '../../playbooks/document/compare-texts.ts';
import { Button } from '../../ui/button.tsx';
import { DiffLines, type DiffLine } from '../../ui/diff-lines.tsx';

const CONTEXT = 3;

interface Side {
  line: number;
  text: string;
}
export interface PairedLine {
  kind: 'same' | 'changed';
  left: Side | null;
  right: Side | null;
}

/** Lays what was removed beside what came in its place; a line that has no counterpart stands alone. */
export function pairLines(lines: readonly DiffLine[]): PairedLine[] {
  const paired: PairedLine[] = [];
  let [left, right] = [0, 0];
  let gone: Side[] = [];
  let come: Side[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(gone.length, come.length); at += 1)
      paired.push({ kind: 'changed', left: gone[at] ?? null, right: come[at] ?? null });
    [gone, come] = [[], []];
  };
  for (const { kind, text } of lines) {
    if (kind === 'removed') gone.push({ line: (left += 1), text });
    else if (kind === 'added') come.push({ line: (right += 1), text });
    else {
      flush();
      paired.push({ kind: 'same', left: { line: (left += 1), text }, right: { line: (right += 1), text } });
    }
  }
  flush();
  return paired;
}

/** The texts of two runs side by side, one below the other on a phone, with the values that they were given. */
export function TextPair({ before, after }: { before: QueryRunDetail; after: QueryRunDetail }) {
  const isPhone = useIsPhone();
  const lines = compareTexts(before.sql, after.sql);
  const values = changedValues(before.parameters, after.parameters);
  return (
    <div className="flex flex-col gap-3 pb-3" data-testid="queries.texts">
      {isPhone ? <DiffLines lines={lines} /> : <Beside lines={lines} titles={[nameOf(before), nameOf(after)]} />}
      {values.length > 0 && (
        <section aria-label="Values that differ" className="px-3.5 text-meta">
          <h3 className="mb-1 font-medium text-text-2">Values that differ</h3>
          <ul className="font-mono">
            {values.map(({ name, was, is }) => (
              <li key={name}>
                <span className="text-text-3">{`${name} `}</span>
                {`${was} → ${is}`}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const nameOf = ({ title, createdAt }: QueryRunDetail): string =>
  `${title}, ${new Date(createdAt).toLocaleString('en-GB')}`;

function changedValues(before: QueryRunDetail['parameters'], after: QueryRunDetail['parameters']) {
  const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({ name, was: text(before[name]), is: text(after[name]) }))
    .filter(({ was, is }) => was !== is);
}

function Beside({ lines, titles }: { lines: readonly DiffLine[]; titles: readonly [string, string] }) {
  const [isWhole, setWhole] = useState(false);
  const paired = pairLines(lines);
  const changed = paired.flatMap(({ kind }, index) => (kind === 'changed' ? [index] : []));
  if (changed.length === 0) return <p className="px-3.5 py-2 text-meta text-text-2">The two texts are the same.</p>;
  const shown = isWhole ? paired : paired.filter((_, index) => changed.some((at) => Math.abs(at - index) <= CONTEXT));
  const folded = paired.length - shown.length;
  return (
    <div className="overflow-auto" tabIndex={0} role="group" aria-label="The two texts">
      {folded > 0 && (
        <Button look="ghost" size="sm" className="mx-2 mb-1" onClick={() => setWhole(true)}>
          {`Show ${folded} lines that are the same`}
        </Button>
      )}
      <table className="w-full table-fixed border-collapse font-mono text-meta leading-5">
        <thead>
          <tr>
            {titles.map((title, index) => (
              <th key={index} scope="col" className="truncate px-3.5 pb-1 text-left font-sans font-medium text-text-2">
                <bdi title={title}>{title}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ kind, left, right }, index) => (
            <tr key={index}>
              <Cell side={left} mark={kind === 'changed' ? '−' : ''} tone={kind === 'changed' ? 'bg-del-bg' : ''} />
              <Cell side={right} mark={kind === 'changed' ? '+' : ''} tone={kind === 'changed' ? 'bg-add-bg' : ''} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Cell = ({ side, mark, tone }: { side: Side | null; mark: string; tone: string }) => (
  <td className={cx('border-l border-line align-top first:border-l-0', side ? tone : 'bg-sunken')}>
    {side && (
      <span className="grid grid-cols-[40px_16px_minmax(0,1fr)]">
        <span className="num pr-2.5 text-right text-[11px] text-text-3">{side.line}</span>
        <span className="text-text-2">{mark}</span>
        <span className="pr-3 break-words whitespace-pre-wrap">{side.text || ' '}</span>
      </span>
    )}
  </td>
);
