import type { Json } from '#contracts/kit/schemas.ts';
import { CodeBlock } from '../ui/code-block.tsx';
import { DiffLines } from '../ui/diff-lines.tsx';

/** How the plan differs from the one that was asked about before: a unified text where it is one, else the data. */
export function PlanDiff({ diff }: { diff: Json }) {
  return (
    <div className="mt-3">
      <p className="mb-1 text-meta font-medium">The plan changed since it was asked before</p>
      {typeof diff === 'string' ? (
        <DiffLines
          lines={diff.split('\n').map((text) => ({
            kind: text.startsWith('+') ? 'added' : text.startsWith('-') ? 'removed' : 'same',
            text: text.slice(1),
          }))}
        />
      ) : (
        <CodeBlock what="difference">{JSON.stringify(diff, null, 2)}</CodeBlock>
      )}
    </div>
  );
}
