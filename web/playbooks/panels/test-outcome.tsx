import { useQuery } from '@tanstack/react-query';
import { isEnded } from '#contracts/runs/status.ts';
import { api } from '../../kit/api.ts';
import { Go } from '../../kit/navigation.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { StatusPill } from '../../ui/status-glyph.tsx';

/** What came of a step that was run by itself: how far it is, what went wrong, what it gave. */
export function TestOutcome({ runId }: { runId: string }) {
  const { data: run } = useQuery({
    queryKey: ['run', runId],
    queryFn: ({ signal }) => api.getRun({ params: { id: runId }, signal }),
    // The stream tells of changes; this is for a stream that is away.
    refetchInterval: ({ state }) => (state.data && isEnded(state.data.status) ? false : 2_000),
  });
  if (!run) return null;
  // Results of earlier steps that were given by hand stand before it as `set`.
  const output = run.steps.find(
    ({ kind, output: given }) => kind !== 'set' && given !== null && given !== undefined,
  )?.output;
  return (
    <div className="mt-2 flex flex-col gap-1.5">
      <p className="flex items-center gap-3 text-meta">
        <StatusPill status={run.status} />
        <Go to={`/runs/${runId}`} className="text-accent hover:underline">
          Open the run
        </Go>
      </p>
      {run.error && <p className="text-meta text-fail-fg">{run.error.message}</p>}
      {output !== undefined && (
        <CodeBlock what="output">{typeof output === 'string' ? output : JSON.stringify(output, null, 2)}</CodeBlock>
      )}
    </div>
  );
}
