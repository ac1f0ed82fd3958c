import { ListChecks, Play, Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { ApiFailure } from '../kit/failure.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, ButtonGroup, IconButton } from '../ui/button.tsx';
import { Card, Count, Note, SectionHead, Tag } from '../ui/card.tsx';
import { Checkbox, Radio, Segmented, Switch } from '../ui/choice.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Combobox, WordsInput } from '../ui/combobox.tsx';
import { Copy } from '../ui/copy.tsx';
import { AlertDialog, Dialog, Drawer } from '../ui/dialog.tsx';
import { DiffLines } from '../ui/diff-lines.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ChoiceFilter } from '../ui/filter-chip.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Gantt } from '../ui/gantt.tsx';
import { HostGrid } from '../ui/host-grid.tsx';
import { Input, SearchInput, Stepper, Textarea } from '../ui/input.tsx';
import { KeyCaps } from '../ui/key-cap.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { LogPane } from '../ui/log-pane.tsx';
import { Menu, MenuItem, Popover } from '../ui/menu.tsx';
import { Meter } from '../ui/meter.tsx';
import { Person } from '../ui/person.tsx';
import { Countdown, Duration, RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { statusLooks, type StatusName } from '../ui/status.ts';
import { StatusGlyph, StatusPill } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { storyHosts, storyLog, storyRows, storyStart } from './story-data.ts';

const statuses = Object.keys(statusLooks) as StatusName[];
const failed = new ApiFailure({
  code: 'server.busy',
  message: 'The server is starting or overloaded. Try again shortly.',
  status: 503,
  requestId: 'req_7Qd1x0',
});
const noop = () => undefined;
const fromNow = (ms: number): string => new Date(Date.now() + ms).toISOString();
const times = { lately: fromNow(-83_000), begun: fromNow(-841_000), due: fromNow(1_617_000) };

/** Every component in every state, in both themes, side by side. Only in development, at /ui. */
export function StoryPage() {
  return (
    <main className="grid h-full grid-cols-2 overflow-auto max-lg:grid-cols-1">
      <h1 className="sr-only">Components</h1>
      {(['light', 'dark'] as const).map((theme) => (
        <div key={theme} data-theme={theme} className="min-w-0 bg-bg p-6 text-text">
          <Stories />
        </div>
      ))}
    </main>
  );
}

function Story({ title, children, wide = false }: { title: string; children: ReactNode; wide?: boolean }) {
  return (
    <section className="mb-4">
      <h2 className="mb-1.5 font-semibold">{title}</h2>
      <div
        className={
          wide
            ? 'rounded-lg border border-line bg-surface'
            : 'flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface p-4'
        }
      >
        {children}
      </div>
    </section>
  );
}

function Stories() {
  const [word, setWord] = useState('');
  const [words, setWords] = useState(['web', 'eu']);
  const [count, setCount] = useState(4);
  const [isOn, setOn] = useState(true);
  const [view, setView] = useState<'list' | 'graph'>('list');
  const [tab, setTab] = useState<'events' | 'outputs'>('events');
  const [layer, setLayer] = useState<'dialog' | 'drawer' | 'alert' | ''>('');
  const [host, setHost] = useState<string>();
  const [statusFilter, setStatusFilter] = useState<string[]>(['failed']);
  const close = () => setLayer('');
  return (
    <>
      <Story title="Status">
        {statuses.map((status) => (
          <StatusPill key={status} status={status} />
        ))}
        {statuses.map((status) => (
          <StatusGlyph key={status} status={status} withWord />
        ))}
      </Story>
      <Story title="Strand">
        {(['queued', 'running', 'waiting', 'succeeded', 'failed', 'canceled'] as const).map((status) => (
          <span key={status} className="w-28">
            <Strand
              segments={[
                { id: 'a', status: 'succeeded' },
                { id: 'b', status: 'succeeded' },
                { id: 'c', status },
                { id: 'd', status: 'pending' },
              ]}
            />
          </span>
        ))}
        <span className="w-full">
          <Strand
            size="lg"
            segments={Array.from({ length: 80 }, (_, index) => ({
              id: String(index),
              status: index < 60 ? 'succeeded' : 'pending',
            }))}
          />
        </span>
      </Story>
      <Story title="Button">
        <Button>Default</Button>
        <Button look="primary" icon={Plus} keys="c">
          Primary
        </Button>
        <Button look="ghost">Ghost</Button>
        <Button look="danger" icon={Trash2}>
          Danger
        </Button>
        <Button look="danger-solid">Delete credential</Button>
        <Button look="ok">Approve</Button>
        <Button busy>Busy</Button>
        <Button disabled>Disabled</Button>
        <Button refusal="It needs the permission servers:manage.">Refused</Button>
        <Button size="sm">Small</Button>
        <Button size="touch" look="primary">
          Touch
        </Button>
        <ButtonGroup label="Rerun">
          <Button>Rerun</Button>
          <Button>From step 6</Button>
        </ButtonGroup>
        <IconButton icon={Play} label="Run" />
      </Story>
      <Story title="Fields">
        <div className="grid w-full grid-cols-2 gap-4">
          <Field label="Name" hint="What people call it.">
            {(slot) => <Input {...slotProps(slot)} placeholder="web-1" />}
          </Field>
          <Field label="Host" error="A host name or an IP address." required>
            {(slot) => <Input {...slotProps(slot)} mono defaultValue="bad host" />}
          </Field>
          <Field label="Reason">{(slot) => <Textarea {...slotProps(slot)} />}</Field>
          <Field label="Hosts at once">
            <Stepper value={count} onValue={setCount} min={1} max={9} label="Hosts at once" />
          </Field>
          <Field label="Role">
            {(slot) => (
              <Select
                id={slot.id}
                value={word || 'member'}
                onValue={setWord}
                options={[
                  { value: 'member', label: 'Member' },
                  { value: 'admin', label: 'Admin', hint: 'may change settings' },
                ]}
              />
            )}
          </Field>
          <Field label="Zone">
            {(slot) => (
              <Combobox
                id={slot.id}
                value={word}
                onValue={setWord}
                options={['UTC', 'Europe/Berlin'].map((value) => ({ value, label: value }))}
              />
            )}
          </Field>
          <Field label="Tags">{(slot) => <WordsInput id={slot.id} words={words} onWords={setWords} />}</Field>
          <SearchInput label="Search" placeholder="Title or id" value={word} onValue={setWord} />
        </div>
        <Checkbox label="Trust this browser" checked={isOn} onChecked={setOn} />
        <Checkbox label="Some" checked="indeterminate" onChecked={noop} />
        <Switch label="On" checked={isOn} onChecked={setOn} />
        <Radio
          label="Choice"
          value={view}
          onValue={setView}
          options={[
            { value: 'list', label: 'Leave it out and go on' },
            { value: 'graph', label: 'Roll it back', hint: 'all 7 hosts' },
          ]}
        />
        <Segmented
          label="View"
          value={view}
          onValue={setView}
          options={[
            { value: 'list', label: 'List' },
            { value: 'graph', label: 'Graph' },
          ]}
        />
        <ChoiceFilter
          name="Status"
          values={statusFilter}
          onValues={setStatusFilter}
          options={statuses
            .slice(0, 5)
            .map((status) => ({ value: status, label: statusLooks[status].word, word: statusLooks[status].word }))}
        />
      </Story>
      <Story title="Layers">
        <Button onClick={() => setLayer('dialog')}>Dialog</Button>
        <Button onClick={() => setLayer('drawer')}>Drawer</Button>
        <Button look="danger" onClick={() => setLayer('alert')}>
          Alert dialog
        </Button>
        <Menu trigger={<Button>Menu</Button>}>
          <MenuItem icon={Play} keys="r" onSelect={noop}>
            Rerun
          </MenuItem>
          <MenuItem refusal="It has ended." onSelect={noop}>
            Cancel
          </MenuItem>
        </Menu>
        <Popover label="More" trigger={<Button>Popover</Button>}>
          A little more.
        </Popover>
        <Tooltip says="A little more" keys="mod+k">
          <Button>Tooltip</Button>
        </Tooltip>
        <Button onClick={() => toast.done('INC-322 acknowledged', { undo: noop })}>Toast</Button>
        <Button onClick={() => toast.failure(failed)}>Error toast</Button>
        <Dialog
          isOpen={layer === 'dialog'}
          onClose={close}
          title="Run Roll storefront"
          description="Version 23"
          foot={
            <Button look="primary" onClick={close}>
              Run
            </Button>
          }
        >
          What it asks.
        </Dialog>
        <Drawer isOpen={layer === 'drawer'} onClose={close} title="shop-eu-07">
          <p className="p-5">A panel.</p>
        </Drawer>
        <AlertDialog
          isOpen={layer === 'alert'}
          onClose={close}
          title="Delete deploy-eu?"
          act="Delete credential"
          onAct={close}
          typeName="deploy-eu"
        >
          The secret is destroyed.
        </AlertDialog>
      </Story>
      <Story title="Words and figures">
        <RelativeTime at={times.lately} />
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
      </Story>
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
          <Answer of={{ data: undefined, error: failed, isPending: false, refetch: noop }} what="The runs">
            {() => null}
          </Answer>
          <Answer
            of={{
              data: undefined,
              error: new ApiFailure({
                code: 'identity.permission_missing',
                message: 'This needs the permission servers:read.',
                status: 403,
              }),
              isPending: false,
              refetch: noop,
            }}
            what="The servers"
          >
            {() => null}
          </Answer>
        </div>
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
      <Story title="Gantt" wide>
        <Gantt rows={storyRows} from={storyStart} to={storyStart + 880_000} hint="2 retried" />
      </Story>
      <Story title="Hosts" wide>
        <div className="flex h-72">
          <HostGrid hosts={storyHosts(12)} selected={host} onSelect={setHost} />
        </div>
      </Story>
      <Story title="Hosts, 200" wide>
        <div className="flex h-48">
          <HostGrid hosts={storyHosts(200)} selected={host} onSelect={setHost} />
        </div>
      </Story>
      <Story title="Log" wide>
        <div className="flex h-64">
          <LogPane source={storyLog} search={word} onSearch={setWord} host={host} onHost={setHost} isLive />
        </div>
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
