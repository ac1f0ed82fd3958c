import type { Json } from '#contracts/kit/schemas.ts';
import { compareTexts } from '../playbooks/document/compare-texts.ts';
import { DiffLines } from '../ui/diff-lines.tsx';
import { readable } from './readable.ts';

const textOf = (value: Json): string => `${readable(value).join('\n')}\n`;

/** What a thing was and what it became, as one comparison line by line. */
export function StateDiff({ before, after }: { before: Json; after: Json }) {
  return (
    <div className="overflow-hidden rounded-md border border-line">
      <DiffLines lines={compareTexts(textOf(before), textOf(after))} />
    </div>
  );
}
