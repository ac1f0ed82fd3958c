import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { kindLook, progressWords, statusWord } from '../runs/run-words.ts';
import { Answer } from '../ui/answer.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { Duration } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';

/** The newest runs that are alive, as they move. */
export function RunningNow({ alive, actor }: { alive: number; actor: string | undefined }) {
  const runs = useQuery({
    queryKey: ['runs', 'alive', actor],
    queryFn: ({ signal }) => api.listRuns({ query: { status: 'running,waiting,queued', actor, limit: 5 }, signal }),
  });
  return (
    <Card label="Running now">
      <SectionHead
        title="Running now"
        count={alive}
        end={
          <Go to="/runs" search={{ view: 'alive' }} className="text-meta text-accent hover:underline">
            All runs
          </Go>
        }
      />
      <Answer
        of={runs}
        what="The runs"
        waiting={<SkeletonRows rows={3} height={33} />}
        isEmpty={({ data }) => data.length === 0}
        empty={<p className="border-t border-line px-3.5 py-3 text-text-2">Nothing runs now.</p>}
      >
        {({ data }) => (
          <ul data-testid="overview.running">
            {data.map((run) => (
              <li
                key={run.id}
                data-run={run.id}
                data-status={run.status}
                className="flex h-[33px] items-center gap-2.5 border-t border-line px-3.5 max-sm:h-14"
              >
                <StatusGlyph status={run.status} word={statusWord(run)} />
                <Icon of={kindLook(run.kind).icon} size={15} className="text-text-2 max-sm:hidden" />
                <Go to={`/runs/${run.id}`} className="min-w-0 flex-1 truncate hover:underline" title={run.title}>
                  <bdi>{run.title}</bdi>
                </Go>
                <span className="w-[106px] flex-none max-sm:w-20">
                  <Strand segments={run.strand} />
                </span>
                <span className="num w-32 truncate text-text-2 max-sm:hidden">{progressWords(run)}</span>
                <span className="num w-14 text-right text-text-2">
                  <Duration from={run.startedAt ?? run.createdAt} to={run.endedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}
