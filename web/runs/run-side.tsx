import { useInfiniteQuery } from '@tanstack/react-query';
import { Copy as CopyIcon } from 'lucide-react';
import type { Approval } from '#contracts/approvals/approvals.ts';
import { DeliverNotification } from '#contracts/notifications/deliver-notification.ts';
import type { EventRecord, RunDetail } from '#contracts/runs/runs.ts';
import { ApprovalCard } from '../approvals/approval-card.tsx';
import { api } from '../kit/api.ts';
import { Go } from '../kit/navigation.tsx';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { copyText } from '../ui/copy.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { eventStatus, eventWords } from './event-words.ts';
import { RunMessages } from './run-messages.tsx';

type SideTab = 'events' | 'outputs' | 'linked' | 'undo';

interface RunSideProps {
  run: RunDetail;
  approvals: readonly Approval[];
  tab: SideTab;
  onTab: (tab: SideTab) => void;
}

/** Beside a run: what it asks, what happened, what came out, what it belongs to, what an undo would do. */
export function RunSide({ run, approvals, tab, onTab }: RunSideProps) {
  const open = approvals.filter(({ state }) => state === 'open');
  const linked = run.children.length + (run.parentRunId ? 1 : 0) + (run.rerunOf ? 1 : 0);
  return (
    <>
      {open.map((approval, index) => (
        <ApprovalCard key={approval.id} approval={approval} withKeys={index === 0} />
      ))}
      {run.kind === DeliverNotification.kind && <RunMessages runId={run.id} />}
      <Tabs
        label="About the run"
        panelId="run-side"
        className="px-4"
        value={tab}
        onValue={onTab}
        tabs={[
          { value: 'events', label: 'Events' },
          { value: 'outputs', label: 'Outputs' },
          { value: 'linked', label: 'Linked', count: linked > 0 ? linked : undefined },
          ...(run.undoPlan.length > 0 || run.undo
            ? [{ value: 'undo' as const, label: 'Undo', count: run.undoPlan.length }]
            : []),
        ]}
      />
      <div id="run-side" role="tabpanel" tabIndex={0} className="min-h-28 flex-1 overflow-auto">
        {tab === 'events' && <Events run={run} />}
        {tab === 'outputs' && <Outputs run={run} />}
        {tab === 'linked' && <Linked run={run} />}
        {tab === 'undo' && <Undo run={run} />}
      </div>
      <Inputs inputs={run.inputs} />
    </>
  );
}

function Events({ run }: { run: RunDetail }) {
  const events = useInfiniteQuery({
    queryKey: ['run', run.id, 'events'],
    queryFn: ({ signal, pageParam }) =>
      api.listRunEvents({ params: { id: run.id }, query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.pagination.nextCursor ?? undefined,
  });
  const names = new Map(run.steps.map(({ address, name, id }) => [address, name ?? id]));
  return (
    <Answer
      of={events}
      what="The events"
      waiting={<SkeletonLines />}
      isEmpty={({ pages }) => pages[0]?.data.length === 0}
      empty={<p className="p-4 text-meta text-text-3">Nothing happened yet.</p>}
    >
      {({ pages }) => (
        <>
          <ol className="px-4 py-1.5" data-testid="run.events">
            {pages
              .flatMap(({ data }) => data)
              .filter(({ type }) => type !== 'run.progressed')
              .toReversed()
              .map((event) => (
                <EventLine key={event.cursor} event={event} names={names} />
              ))}
          </ol>
          {events.hasNextPage && (
            <div className="px-4 pb-3">
              <Button size="sm" busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                Show later events
              </Button>
            </div>
          )}
        </>
      )}
    </Answer>
  );
}

function EventLine({ event, names }: { event: EventRecord; names: ReadonlyMap<string, string> }) {
  const { title, detail } = eventWords(event, names);
  return (
    <li className="flex items-start gap-2.5 py-1.5" data-seq={event.cursor}>
      <span className="mt-0.5 grid size-[15px] place-items-center">
        {eventStatus(event) === 'running' ? (
          <i className="size-[7px] rounded-full bg-run-solid" />
        ) : (
          <StatusGlyph status={eventStatus(event)} />
        )}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block leading-[18px] break-words">{title}</span>
        {detail && <span className="block text-meta break-words text-text-2">{detail}</span>}
      </span>
      <RelativeTime at={event.at} as="clock" className="num text-meta leading-[18px] text-text-3" />
    </li>
  );
}

function Outputs({ run }: { run: RunDetail }) {
  if (run.outputs === null || run.outputs === undefined)
    return <p className="p-4 text-meta text-text-3">The run has given nothing back{run.endedAt ? '.' : ' yet.'}</p>;
  return (
    <div className="p-4">
      <CodeBlock what="outputs" wrap>
        {JSON.stringify(run.outputs, null, 2)}
      </CodeBlock>
    </div>
  );
}

function Linked({ run }: { run: RunDetail }) {
  return (
    <>
      {run.kind !== DeliverNotification.kind && <RunMessages runId={run.id} />}
      <LinkedRuns run={run} />
    </>
  );
}

function LinkedRuns({ run }: { run: RunDetail }) {
  return (
    <ul className="px-4 py-2">
      {run.parentRunId && (
        <li className="py-1">
          <Go to={`/runs/${run.parentRunId}`} className="text-accent hover:underline">
            The run that started this one
          </Go>
        </li>
      )}
      {run.rerunOf && (
        <li className="py-1">
          <Go to={`/runs/${run.rerunOf}`} className="text-accent hover:underline">
            The run this one repeats
          </Go>
        </li>
      )}
      {run.children.map((child) => (
        <li key={child.id} className="flex items-center gap-2 py-1" data-run={child.id}>
          <StatusGlyph status={child.status} />
          <Go to={`/runs/${child.id}`} className="min-w-0 flex-1 truncate hover:underline">
            {child.title}
          </Go>
          <span className="w-16">
            <Strand size="sm" segments={child.strand} />
          </span>
        </li>
      ))}
      {run.children.length === 0 && !run.parentRunId && !run.rerunOf && (
        <li className="py-1 text-meta text-text-3">No other run belongs to this one.</li>
      )}
    </ul>
  );
}

function Undo({ run }: { run: RunDetail }) {
  return (
    <div className="px-4 py-2.5">
      {run.undo ? (
        <p className="mb-2 text-meta text-text-2">{`${run.undo.done} undone, ${run.undo.failed} failed, ${run.undo.skipped} left out`}</p>
      ) : (
        <p className="mb-2 text-meta text-text-2">What would be undone, in this order:</p>
      )}
      <ol className="flex list-decimal flex-col gap-1.5 pl-5">
        {run.undoPlan.map(({ address, undo }) => (
          <li key={address}>
            <span className="font-medium">{run.steps.find((step) => step.address === address)?.name ?? address}</span>
            <span className="block text-meta text-text-2">{undo.join(', ')}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Inputs({ inputs }: { inputs: RunDetail['inputs'] }) {
  const pairs = Object.entries(inputs ?? {});
  if (pairs.length === 0) return null;
  return (
    <section aria-label="Inputs" className="flex-none border-t border-line px-4 pt-3 pb-3.5">
      <div className="mb-1.5 flex items-center justify-between">
        <h2 className="font-semibold">Inputs</h2>
        <IconButton
          size="sm"
          icon={CopyIcon}
          label="Copy the inputs"
          onClick={() => void copyText(JSON.stringify(inputs, null, 2))}
        />
      </div>
      <KeyValue
        mono
        pairs={pairs.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const)}
      />
    </section>
  );
}
