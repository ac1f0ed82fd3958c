import { useQuery } from '@tanstack/react-query';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { absoluteTime } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { Note, SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { AfterSummary } from './after-summary.tsx';
import {
  firingStatus,
  firingWord,
  givenTo,
  overlapWords,
  stateLooks,
  targetName,
  targetPage,
} from './schedule-words.ts';

/** One schedule: how it is, its next five times in its zone, what it starts, and each time that came. */
export function ScheduleDetail({ schedule }: { schedule: Schedule }) {
  const firings = useQuery({
    queryKey: ['schedules', schedule.id, 'firings'],
    queryFn: ({ signal }) => api.listScheduleFirings({ params: { id: schedule.id }, query: { limit: 50 }, signal }),
  });
  const given = givenTo(schedule.target);
  return (
    <div className="flex flex-col gap-4 p-5">
      {schedule.problem && (
        <Note tone="fail">
          <span>
            {schedule.problem.message} <span className="font-mono text-[11.5px]">{schedule.problem.code}</span>
          </span>
        </Note>
      )}
      <KeyValue
        pairs={[
          [
            'State',
            <Tag key="s" tone={stateLooks[schedule.state].tone}>
              {stateLooks[schedule.state].word}
            </Tag>,
          ],
          [
            'Starts',
            <Go
              key="t"
              {...targetPage(schedule.target)}
              className="text-accent hover:underline"
            >{`${targetName(schedule.target)}${schedule.target.version ? ` v${schedule.target.version}` : ', the newest version'}`}</Go>,
          ],
          [
            'Times',
            <span key="c" className="font-mono text-[11.5px]">
              {schedule.every ? `every ${schedule.every}` : schedule.cron.join(' · ')}
            </span>,
          ],
          ['Zone', schedule.timeZone],
          ['When busy', overlapWords[schedule.overlap].label],
          ['Catches up', schedule.catchUp],
          ['Jitter', schedule.jitter],
          ...(schedule.description ? [['Description', schedule.description] as const] : []),
        ]}
      />
      {schedule.pausedNote && <Note tone="wait">{schedule.pausedNote}</Note>}
      {schedule.target.kind === 'query' && schedule.target.after && (
        <AfterSummary
          after={schedule.target.after}
          last={firings.data?.data.find(({ deliveries }) => deliveries.length > 0)}
        />
      )}
      {Object.keys(given).length > 0 && <CodeBlock what="inputs">{JSON.stringify(given, null, 2)}</CodeBlock>}
      <section>
        <SectionHead title="Next times" className="px-0!" />
        {schedule.nextTimes.length === 0 ? (
          <p className="text-meta text-text-3">None: it is over or paused.</p>
        ) : (
          <ol className="num flex flex-col gap-1">
            {schedule.nextTimes.slice(0, 5).map((at) => (
              <li key={at} className="flex justify-between gap-4">
                <span>{absoluteTime(Date.parse(at), { zone: schedule.timeZone }).local}</span>
                <RelativeTime at={at} className="text-text-2" />
              </li>
            ))}
          </ol>
        )}
      </section>
      <section>
        <SectionHead title="What became of its times" className="px-0!" />
        <Answer
          of={firings}
          what="The times"
          waiting={<SkeletonLines />}
          isEmpty={({ data }) => data.length === 0}
          empty={<p className="text-meta text-text-3">No time has come yet.</p>}
        >
          {({ data }) => (
            <ul>
              {data.map((firing) => (
                <li
                  key={firing.nominalAt}
                  className="flex items-center gap-2.5 border-b border-line py-1.5 last:border-b-0"
                >
                  <StatusGlyph status={firingStatus(firing.status)} word={firingWord(firing.status)} withWord />
                  <span className="min-w-0 flex-1 truncate text-meta text-fail-fg" title={firing.error?.message}>
                    {firing.error?.message}
                  </span>
                  {firing.runId && (
                    <Go to={`/runs/${firing.runId}`} className="text-meta text-accent hover:underline">
                      run
                    </Go>
                  )}
                  <RelativeTime at={firing.nominalAt} className="text-meta text-text-3" />
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </section>
    </div>
  );
}
