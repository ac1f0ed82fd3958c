import { useInfiniteQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { z } from 'zod';
import { channelKinds, type Delivery, deliveryStatuses } from '#contracts/notifications/channels.ts';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { SearchInput } from '../ui/input.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { deliveryStatus, kindWords, statusWords } from './channel-words.ts';

/** What the log is narrowed to, as it stands in the address. */
const View = z.object({
  status: z.enum(['', ...deliveryStatuses]).default(''),
  kind: z.enum(['', ...channelKinds, 'person']).default(''),
  search: z.string().default(''),
  /** Only what this run sends. */
  run: z.union([z.literal(''), z.uuid()]).default(''),
});
const tryWords = { begun: 'no end known', delivered: 'delivered', failed: 'failed', unclear: 'no answer' } as const;

/** Every message with what became of it, the newest first; opened, a line shows each try and what the provider said. */
export function DeliveryLog() {
  const [{ status, kind, search, run }, setView] = useUrlState(View);
  const filter = { ...(status && { status }), ...(kind && { kind }), ...(search && { search }), ...(run && { run }) };
  const log = useInfiniteQuery({
    queryKey: ['channels', 'deliveries', filter],
    queryFn: ({ pageParam, signal }) =>
      api.listDeliveries({ query: { limit: 30, ...filter, ...(pageParam && { cursor: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
  });
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Card label="Messages sent">
      <SectionHead title="Messages sent" />
      <div className="flex flex-wrap items-center gap-2 px-3.5 pb-2.5">
        <SearchInput
          label="Search in subject and address"
          value={search}
          onValue={(text) => setView({ search: text }, 'replace')}
          className="w-56 max-sm:w-full"
        />
        <Select
          label="Status"
          size="sm"
          className="w-auto! flex-none max-sm:h-11 max-sm:flex-1"
          value={status}
          onValue={(value) => setView({ status: deliveryStatuses.find((one) => one === value) ?? '' })}
          options={[
            { value: '', label: 'Any status' },
            ...deliveryStatuses.map((value) => ({ value, label: statusWords[value] })),
          ]}
        />
        <Select
          label="Kind"
          size="sm"
          className="w-auto! flex-none max-sm:h-11 max-sm:flex-1"
          value={kind}
          onValue={(value) =>
            setView({ kind: channelKinds.find((one) => one === value) ?? (value === 'person' ? value : '') })
          }
          options={[
            { value: '', label: 'Any kind' },
            ...channelKinds.map((value) => ({ value, label: kindWords[value] })),
            { value: 'person', label: 'Mail of playbooks to people' },
          ]}
        />
        {run && (
          <Button size="sm" icon={X} onClick={() => setView({ run: '' })}>
            Only of one run
          </Button>
        )}
      </div>
      <Answer
        of={log}
        what="The messages"
        waiting={<SkeletonLines />}
        isEmpty={({ pages }) => (pages[0]?.data.length ?? 0) === 0}
        empty={
          <p className="border-t border-line px-3.5 py-3 text-text-2">
            {isFiltered ? 'No message fits.' : 'No message was sent yet.'}
          </p>
        }
      >
        {({ pages }) => (
          <>
            <ul>
              {pages
                .flatMap(({ data }) => data)
                .map((delivery) => (
                  <DeliveryLine key={delivery.id} delivery={delivery} isOpen={run !== ''} />
                ))}
            </ul>
            {log.hasNextPage && (
              <div className="border-t border-line px-3.5 py-2">
                <Button size="sm" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                  Older messages
                </Button>
              </div>
            )}
          </>
        )}
      </Answer>
    </Card>
  );
}

function DeliveryLine({ delivery, isOpen }: { delivery: Delivery; isOpen: boolean }) {
  const { status, subject, channel, target, error, createdAt, dueAt, tries, runId, bundledInto } = delivery;
  return (
    <li className="border-t border-line">
      <details open={isOpen}>
        <summary className="flex cursor-pointer items-center gap-2.5 px-3.5 py-1.5 max-sm:min-h-11 max-sm:flex-wrap">
          <StatusGlyph status={deliveryStatus[status]} word={statusWords[status]} />
          <span className="min-w-0 flex-1 truncate">{subject}</span>
          <span className="truncate text-meta text-text-2">
            {channel} · {target}
          </span>
          {error && (
            <span
              className={`truncate text-meta ${status === 'failed' ? 'text-fail-fg' : 'text-text-3'}`}
              title={error.message}
            >
              {error.code}
            </span>
          )}
          <RelativeTime at={createdAt} className="text-meta text-text-3" />
        </summary>
        <div className="flex flex-col gap-1 px-3.5 pb-3 pl-10 text-meta text-text-2">
          {error && <p>{error.message}</p>}
          {status === 'waiting' && dueAt && (
            <p>
              Goes out <RelativeTime at={dueAt} />
            </p>
          )}
          {bundledInto && <p>It went out in one message with others.</p>}
          {tries.map((one, at) => (
            <p key={one.at}>
              Try {at + 1}, <RelativeTime at={one.at} />: {tryWords[one.outcome]}
              {one.answer && ` · ${one.answer}`}
            </p>
          ))}
          {tries.length === 0 && !error && status !== 'waiting' && <p>Nothing more is known of it.</p>}
          {runId && (
            <p>
              <Go to={`/runs/${runId}`} className="hover:underline">
                Its run
              </Go>
            </p>
          )}
        </div>
      </details>
    </li>
  );
}
