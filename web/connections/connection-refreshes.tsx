import type { Connection } from '#contracts/connections/connections.ts';
import { durationText } from '../kit/time.ts';
import { Answer } from '../ui/answer.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { causeWords, refreshLooks, useRefreshes } from './connections.ts';

/** The last renewals of the tokens: as a strand, oldest first, and one by one, newest first. */
export function ConnectionRefreshes({ connection }: { connection: Connection }) {
  const refreshes = useRefreshes(connection.id);
  return (
    <Answer
      of={refreshes}
      what="The renewals"
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={
        <p className="text-meta text-text-2">
          {connection.kind === 'postgres'
            ? 'PostgreSQL signs in with each session: there is no token to renew.'
            : 'No token was renewed yet.'}
        </p>
      }
    >
      {({ data }) => (
        <>
          <Strand
            size="lg"
            segments={data
              .slice(0, 20)
              .toReversed()
              .map(({ id, outcome }) => ({ id, status: refreshLooks[outcome].status }))}
            label={`${data.filter(({ outcome }) => outcome === 'renewed').length} of the last ${data.length} renewals were good`}
          />
          <ul className="mt-3">
            {data.map(({ id, at, outcome, cause, tookMs, failure }) => (
              <li key={id} className="border-b border-line py-2 last:border-b-0">
                <span className="flex items-center gap-2.5">
                  <StatusGlyph status={refreshLooks[outcome].status} word={refreshLooks[outcome].word} withWord />
                  <span className="min-w-0 flex-1 truncate text-meta text-text-3">{causeWords[cause]}</span>
                  <span className="num text-meta text-text-3">{durationText(tookMs)}</span>
                  <RelativeTime at={at} className="text-meta text-text-2" />
                </span>
                {failure && (
                  <span className="mt-0.5 block text-meta text-fail-fg">
                    {failure.message} <span className="font-mono text-[11.5px]">{failure.code}</span>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Answer>
  );
}
