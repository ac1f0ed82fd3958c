import { lazy, Suspense } from 'react';
import type { AuditEntry } from '#contracts/audit/audit.ts';
import { Go } from '../kit/navigation.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Copy } from '../ui/copy.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import type { AuditView } from './audit-view.ts';
import { readable } from './readable.ts';

const StateDiff = lazy(async () => ({ default: (await import('./state-diff.tsx')).StateDiff }));

/** Where the thing that an entry is about can be seen; null where it has no page. */
function placeOf(subject: string): { to: string; search?: Record<string, string> } | null {
  const [kind = '', id = ''] = subject.split(':');
  if (kind === 'run') return { to: `/runs/${id}` };
  if (kind === 'playbook') return { to: `/playbooks/${id}` };
  const lists: Readonly<Record<string, string>> = {
    server: '/servers',
    credential: '/credentials',
    schedule: '/schedules',
    webhook: '/webhooks',
    run_trigger: '/run-triggers',
    artifact: '/files',
  };
  return lists[kind] ? { to: lists[kind], search: { sel: id } } : null;
}

interface EntryProps {
  entry: AuditEntry;
  /** Narrows the log to what this entry has in common with others. */
  onView: (changes: Partial<AuditView>) => void;
}

/** One act: who, when, from where, on what; before and after as one comparison. */
export function Entry({ entry, onView }: EntryProps) {
  const { before, after, subject, requestId, actor } = entry;
  const place = subject ? placeOf(subject) : null;
  return (
    <div className="flex flex-col gap-4 p-4 pt-1" data-testid="audit.entry">
      <div>
        <p className="num text-meta text-text-2">
          <RelativeTime at={entry.at} as="clock" /> · <RelativeTime at={entry.at} />
        </p>
        <h2 className="mt-1 font-semibold break-words">
          <bdi>{entry.title ?? subject ?? entry.action}</bdi>
        </h2>
        <p className="font-mono text-[11.5px] break-all text-text-2">{entry.action}</p>
      </div>
      <KeyValue
        pairs={[
          ['Actor', <Person key="a" name={actor.name} kind={actor.kind} />],
          [
            'Address',
            entry.address ? (
              <span key="ad" className="font-mono text-[11.5px] break-all">
                <Copy text={entry.address} what="address">
                  {entry.address}
                </Copy>
              </span>
            ) : (
              '–'
            ),
          ],
          [
            'Request',
            requestId ? (
              <span key="r" className="font-mono text-[11.5px] break-all">
                <Copy text={requestId} what="request id">
                  {requestId}
                </Copy>
              </span>
            ) : (
              '–'
            ),
          ],
          [
            'Subject',
            subject && place ? (
              <Go
                key="s"
                to={place.to}
                {...(place.search && { search: place.search })}
                className="font-mono text-[11.5px] break-all text-accent hover:underline"
              >
                {subject}
              </Go>
            ) : (
              <span key="s" className="font-mono text-[11.5px] break-all">
                {subject ?? '–'}
              </span>
            ),
          ],
        ]}
      />
      <div className="flex flex-wrap gap-1.5">
        <Button size="sm" onClick={() => onView({ actor: [actor.id ?? 'system'] })}>
          {actor.kind === 'user' ? 'All by this person' : 'All by this actor'}
        </Button>
        {subject && (
          <Button size="sm" onClick={() => onView({ subject })}>
            All of this subject
          </Button>
        )}
        {requestId && (
          <Button size="sm" onClick={() => onView({ q: requestId })}>
            All of this request
          </Button>
        )}
      </div>
      {before !== null && after !== null ? (
        <section aria-label="Before and after">
          <h3 className="mb-1 font-semibold">Before and after</h3>
          <Suspense fallback={<SkeletonLines />}>
            <StateDiff before={before} after={after} />
          </Suspense>
        </section>
      ) : (
        [['What it was', before] as const, ['What it became', after] as const].map(
          ([title, value]) =>
            value !== null && (
              <section key={title} aria-label={title}>
                <h3 className="mb-1 font-semibold">{title}</h3>
                <CodeBlock what="values" wrap>
                  {readable(value).join('\n')}
                </CodeBlock>
              </section>
            ),
        )
      )}
    </div>
  );
}
