import { Answer } from '../ui/answer.tsx';
import { isEnded } from '#contracts/runs/status.ts';
import { Go } from '../kit/navigation.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Drawer } from '../ui/dialog.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Person } from '../ui/person.tsx';
import { Duration, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph, StatusPill } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { errorLine, progressWords, statusWord } from './run-words.ts';
import { useRun } from './runs.ts';

/** A run beside the list: how far it is, why it failed, what each step came to. Its being open is in the address. */
export function RunPeek({ id, onClose }: { id: string; onClose: () => void }) {
  return id ? <Peek id={id} onClose={onClose} /> : null;
}

function Peek({ id, onClose }: { id: string; onClose: () => void }) {
  const run = useRun(id);
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={run.data?.title ?? 'Run'}
      description={
        run.data && (
          <span className="flex items-center gap-2">
            <StatusPill status={run.data.status} word={statusWord(run.data)} />
            <Duration from={run.data.startedAt} to={run.data.endedAt} />
          </span>
        )
      }
      foot={
        <Button asChild look="primary">
          <Go to={`/runs/${id}`}>Open run</Go>
        </Button>
      }
    >
      <Answer of={run} what="The run" waiting={<SkeletonLines lines={6} />}>
        {(data) => (
          <div className="flex flex-col gap-4 p-4" data-testid="runs.peek">
            <div>
              <Strand size="lg" segments={data.strand} />
              <p className="num mt-1.5 text-meta text-text-2">{progressWords(data)}</p>
            </div>
            {data.error && (
              <Note tone="fail">
                <span>
                  {errorLine(data.error)} <span className="font-mono text-[11.5px]">{data.error.code}</span>
                </span>
              </Note>
            )}
            <KeyValue
              pairs={[
                ['Triggered by', <Person key="by" name={data.actor.name} kind={data.trigger} />],
                ['Started', data.startedAt ? <RelativeTime key="at" at={data.startedAt} /> : 'not yet'],
                ...(isEnded(data.status) && data.endedAt
                  ? [['Ended', <RelativeTime key="end" at={data.endedAt} />] as const]
                  : []),
                ...(data.tags.length > 0 ? [['Tags', data.tags.join(', ')] as const] : []),
              ]}
            />
            <ol className="flex flex-col">
              {data.steps
                .filter(({ parent }) => parent === null)
                .map((step) => (
                  <li key={step.address} className="flex min-h-8 items-center gap-2 border-t border-line">
                    <StatusGlyph status={step.status} />
                    <Go
                      to={`/runs/${id}`}
                      search={{ step: step.address }}
                      className="min-w-0 flex-1 truncate hover:underline"
                    >
                      {step.name ?? step.id}
                    </Go>
                    <span className="num text-meta text-text-2">
                      {step.startedAt && <Duration from={step.startedAt} to={step.endedAt} />}
                    </span>
                  </li>
                ))}
            </ol>
          </div>
        )}
      </Answer>
    </Drawer>
  );
}
