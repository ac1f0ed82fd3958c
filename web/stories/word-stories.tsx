import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, Count, Note, SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Copy } from '../ui/copy.tsx';
import { DiffLines } from '../ui/diff-lines.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { KeyCaps } from '../ui/key-cap.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Meter } from '../ui/meter.tsx';
import { Crumbs } from '../ui/page.tsx';
import { Person } from '../ui/person.tsx';
import { Countdown, Duration, RelativeTime } from '../ui/relative-time.tsx';
import { Skeleton, SkeletonLines, SkeletonRows } from '../ui/skeleton.tsx';
import { Spark } from '../ui/spark.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Story } from './story.tsx';
import { fromNow, nothing, storyDenial, storyFailure } from './story-data.ts';

const times = { lately: fromNow(-83_000), begun: fromNow(-841_000), due: fromNow(1_617_000), past: fromNow(-1_000) };

/** What is read. */
export function WordStories() {
  const [tab, setTab] = useState<'events' | 'outputs'>('events');
  return (
    <>
      <Story title="Words and figures">
        <Crumbs items={['Runs', 'Playbook', '01a1fe29']} />
        <RelativeTime at={times.lately} />
        <RelativeTime at={times.begun} as="clock" />
        <Duration from={times.begun} to={times.lately} />
        <Duration from={null} />
        <Countdown until={times.past} over="expired" />
        <Spark values={[2, 5, 3, 8, 6]} />
        <Spark values={[0, 1, 4, 9]} tone="fail" />
        <Duration from={times.begun} />
        <Countdown until={times.due} />
        <Person name="Mara Lindqvist" />
        <Person name="Nightly sync" kind="schedule" />
        <KeyCaps keys="mod+k" />
        <KeyCaps keys="g r" />
        <Count>12</Count>
        <Tag>shop</Tag>
        <Tag tone="fail">refused</Tag>
        <Copy text="019aa19c" what="id">
          019aa19c
        </Copy>
        <span className="w-32">
          <Meter value={75} max={100} label="Used" family="wait" />
        </span>
        <KeyValue
          pairs={[
            ['release', '2026.47.2'],
            ['soak', '3m'],
          ]}
          mono
        />
        <Note tone="wait">Two members have no second factor.</Note>
        <Note tone="fail">The token was refused.</Note>
        <Note>Nothing is installed on the server.</Note>
        <span className="w-32">
          <Meter value={140} max={100} label="Over its limit" family="fail" />
        </span>
      </Story>
      <Story title="Tabs and cards" wide>
        <Tabs
          label="About"
          panelId="story-panel"
          value={tab}
          onValue={setTab}
          tabs={[
            { value: 'events', label: 'Events', count: 38 },
            { value: 'outputs', label: 'Outputs' },
          ]}
        />
        <div id="story-panel" className="p-4">
          <Card>
            <SectionHead
              title="Waiting for you"
              count={5}
              end={<span className="text-meta text-text-2">sorted by deadline</span>}
            />
          </Card>
        </div>
      </Story>
      <Story title="What people write" wide>
        <Markdown
          className="p-4"
          text={
            '## Lag on `orders_line`\n\nIt is **41 s** and *growing*, see [the board](https://example.com).\n\n- web-1\n- web-2'
          }
        />
      </Story>
      <Story title="Code and difference" wide>
        <div className="flex flex-col gap-3 p-4">
          <CodeBlock what="command">curl -fsS -m 5 http://127.0.0.1:8080/healthz</CodeBlock>
          <DiffLines
            lines={[
              { kind: 'same', text: '- id: health_check' },
              { kind: 'removed', text: '  retry: { attempts: 2 }' },
              { kind: 'added', text: '  retry: { attempts: 3 }' },
            ]}
          />
        </div>
      </Story>
    </>
  );
}

/** What stands where data are not there. */
export function StateStories() {
  return (
    <>
      <Story title="States" wide>
        <div className="grid grid-cols-2">
          <SkeletonRows rows={4} />
          <EmptyState
            icon={ListChecks}
            title="Write your first playbook"
            action={<Button look="primary">New playbook</Button>}
          >
            Steps that run on your servers.
          </EmptyState>
          <Answer of={{ data: undefined, error: storyFailure, isPending: false, refetch: nothing }} what="The runs">
            {() => null}
          </Answer>
          <ErrorState error={storyDenial} what="The servers" />
          <EmptyState icon={ListChecks} title="No playbook matches" action={<Button>Clear the search</Button>} />
          <div>
            <SkeletonLines lines={3} />
            <Skeleton className="m-4 h-8 w-40" />
          </div>
        </div>
      </Story>
    </>
  );
}
