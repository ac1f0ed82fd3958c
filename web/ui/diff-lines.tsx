import { useState } from 'react';
import { cx } from '../kit/cx.ts';
import { Button } from './button.tsx';

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

interface Numbered extends DiffLine {
  before: number | null;
  after: number | null;
}

const CONTEXT = 3;

function number(lines: readonly DiffLine[]): Numbered[] {
  let before = 0;
  let after = 0;
  return lines.map((line) => ({
    ...line,
    before: line.kind === 'added' ? null : (before += 1),
    after: line.kind === 'removed' ? null : (after += 1),
  }));
}

/** Two texts line by line, unified. Long stretches that are the same are folded until they are asked for. */
export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  const [isWhole, setWhole] = useState(false);
  const numbered = number(lines);
  const changed = numbered.flatMap((line, index) => (line.kind === 'same' ? [] : [index]));
  const isNear = (index: number) => changed.some((at) => Math.abs(at - index) <= CONTEXT);
  const shown = isWhole ? numbered : numbered.filter((_, index) => isNear(index));
  const folded = numbered.length - shown.length;
  if (changed.length === 0) return <p className="px-4 py-3 text-meta text-text-2">The two are the same.</p>;
  return (
    <div className="overflow-auto font-mono text-meta leading-5">
      {folded > 0 && (
        <div className="px-2 py-1 font-sans">
          <Button
            look="ghost"
            size="sm"
            onClick={() => setWhole(true)}
          >{`Show ${folded} lines that are the same`}</Button>
        </div>
      )}
      {shown.map((line, index) => (
        <div
          key={index}
          className={cx(
            'grid w-max min-w-full grid-cols-[40px_40px_20px_1fr]',
            line.kind === 'added' && 'bg-add-bg',
            line.kind === 'removed' && 'bg-del-bg',
            index > 0 && !isWhole && isGap(shown[index - 1], line) && 'border-t border-dashed border-line-strong',
          )}
        >
          <span className="num pr-2.5 text-right text-[11px] text-text-3">{line.before}</span>
          <span className="num pr-2.5 text-right text-[11px] text-text-3">{line.after}</span>
          <span className="text-text-2">{line.kind === 'added' ? '+' : line.kind === 'removed' ? '−' : ''}</span>
          <pre className="pr-4">{line.text || ' '}</pre>
        </div>
      ))}
    </div>
  );
}

const isGap = (above: Numbered | undefined, line: Numbered): boolean =>
  above !== undefined &&
  above.kind === 'same' &&
  line.kind === 'same' &&
  above.before !== null &&
  line.before !== null &&
  line.before - above.before > 1;
