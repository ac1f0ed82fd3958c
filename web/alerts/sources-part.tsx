import { useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Pencil, RadioTower, RotateCw, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { AlertSource, SourceAddress } from '#contracts/alerts/alert-sources.ts';
import { api } from '../kit/api.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, SectionHead, Tag } from '../ui/card.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog, Dialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { KeyValue } from '../ui/key-value.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { useAlertSources } from './alerts.ts';
import type { PartProps } from './alerts-page.tsx';
import { formatWords, SourceForm } from './source-form.tsx';
import { SourceSetup } from './source-setup.tsx';

const number = (value: number): string => value.toLocaleString('en');

const columns: ReadonlyArray<DataColumn<AlertSource>> = [
  {
    id: 'name',
    head: 'Source',
    width: 220,
    grow: true,
    cell: ({ name, enabled, isQuiet, format }) => (
      <span className="block min-w-0 leading-[17px]">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {!enabled && <Tag>off</Tag>}
          {isQuiet && <Tag tone="fail">silent</Tag>}
        </span>
        <span className="block truncate text-meta text-text-3">{formatWords[format]}</span>
      </span>
    ),
  },
  {
    id: 'firing',
    head: 'Firing',
    width: 76,
    align: 'right',
    cell: ({ counters }) => <span className="tabular-nums">{number(counters.firing)}</span>,
  },
  {
    id: 'accepted',
    head: 'Taken',
    width: 90,
    align: 'right',
    hideBelow: 'sm',
    cell: ({ counters }) => <span className="tabular-nums">{number(counters.accepted)}</span>,
  },
  {
    id: 'refused',
    head: 'Refused',
    width: 90,
    align: 'right',
    hideBelow: 'md',
    cell: ({ counters: { refused, limited } }) => (
      <span className={refused + limited > 0 ? 'text-fail-fg tabular-nums' : 'text-text-3 tabular-nums'}>
        {number(refused + limited)}
      </span>
    ),
  },
  {
    id: 'last',
    head: 'Last heard of',
    width: 112,
    cell: ({ lastReceivedAt }) =>
      lastReceivedAt ? <RelativeTime at={lastReceivedAt} /> : <span className="text-text-3">never</span>,
  },
];

/** Where alerts come from. */
export function SourcesPart({ view, setView, manage }: PartProps) {
  const client = useQueryClient();
  const sources = useAlertSources();
  const [made, setMade] = useState<SourceAddress | null>(null);
  const [gone, setGone] = useState<AlertSource | null>(null);
  const rows = sources.data?.data ?? [];
  const open = rows.find(({ id }) => id === view.sel);
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const refresh = () => void client.invalidateQueries({ queryKey: ['alert-sources'] });
  const test = ({ id, name }: AlertSource) =>
    api.testAlertSource({ params: { id } }).then(({ status }) => {
      toast.done(status === 'firing' ? `A test alert of ${name} fires` : `The test alert of ${name} is over`);
      refresh();
    }, toast.failure);
  return (
    <>
      <Answer
        of={sources}
        what="The sources"
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState
            icon={RadioTower}
            title="Nothing sends alerts yet"
            action={
              <Button look="primary" refusal={manage} onClick={() => setView({ edit: 'new' })}>
                New source
              </Button>
            }
          >
            A source is an address of its own for each sender: Alertmanager, Grafana, Datadog, or anything with JSON.
          </EmptyState>
        }
      >
        {() => (
          <DataTable<AlertSource>
            label="Sources"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            rowHeight={46}
            nameOf={({ name }) => name}
            active={view.sel}
            onOpen={({ id }) => setView({ sel: id })}
            rowMenu={(source) => (
              <Menu label={`Acts on ${source.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem icon={Pencil} refusal={manage} onSelect={() => setView({ edit: source.id, sel: '' })}>
                  Edit
                </MenuItem>
                <MenuItem icon={Send} refusal={manage} onSelect={() => void test(source)}>
                  Send a test alert
                </MenuItem>
                <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setGone(source)}>
                  Delete source
                </MenuItem>
              </Menu>
            )}
          />
        )}
      </Answer>
      <Drawer
        isOpen={view.edit === '' && open !== undefined}
        onClose={() => setView({ sel: '' })}
        title={open?.name ?? ''}
        width={560}
        foot={
          open && (
            <>
              <Button icon={Send} refusal={manage} onClick={() => void test(open)}>
                Send a test alert
              </Button>
              <Button icon={Pencil} refusal={manage} onClick={() => setView({ edit: open.id, sel: '' })}>
                Edit
              </Button>
            </>
          )
        }
      >
        {open && <SourceDetail source={open} manage={manage} onMade={setMade} onChanged={refresh} />}
      </Drawer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <SourceForm
          key={view.edit}
          source={edited}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(source, address) => {
            refresh();
            setView({ edit: '', sel: address ? '' : source.id }, 'replace');
            if (address) setMade(address);
            else toast.done(`${source.name} is saved`);
          }}
        />
      )}
      <Dialog
        isOpen={made !== null}
        onClose={() => setMade(null)}
        title="The address is made"
        description="Copy it now: its token is stored as a hash and never shown again."
        width={620}
        foot={
          <Button look="primary" onClick={() => setMade(null)}>
            I have copied it
          </Button>
        }
      >
        {made && (
          <div className="flex min-w-0 flex-col gap-3">
            <CodeBlock what="address" wrap>
              {made.url}
            </CodeBlock>
            <SourceSetup url={made.url} />
          </div>
        )}
      </Dialog>
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title={`Delete ${gone?.name ?? ''}?`}
        act="Delete source"
        onAct={async () => {
          if (!gone) return;
          await api.deleteAlertSource({ params: { id: gone.id } });
          toast.done(`${gone.name} is deleted`);
          setGone(null);
          setView({ sel: '' }, 'replace');
          refresh();
        }}
      >
        Its addresses answer 404 at once, and its alerts that fire are taken for over.
      </AlertDialog>
    </>
  );
}

interface SourceDetailProps {
  source: AlertSource;
  manage: string | null;
  onMade: (address: SourceAddress) => void;
  onChanged: () => void;
}

function SourceDetail({ source, manage, onMade, onChanged }: SourceDetailProps) {
  const { counters } = source;
  const rotate = () =>
    api.rotateAlertSource({ params: { id: source.id } }).then(({ address }) => {
      onMade(address);
      onChanged();
    }, toast.failure);
  const end = (tokenId: string) =>
    api.removeAlertSourceToken({ params: { id: source.id, tokenId } }).then(() => {
      toast.done('The token has ended');
      onChanged();
    }, toast.failure);
  return (
    <div className="flex flex-col gap-4 p-5">
      {source.isQuiet && <Note tone="fail">It has been silent for longer than its heartbeat allows.</Note>}
      <KeyValue
        pairs={[
          ['State', source.enabled ? 'takes alerts' : 'off'],
          ['Reads', formatWords[source.format]],
          [
            'Without a rule',
            { incident: 'an incident', keep: 'kept among alerts', drop: 'dropped' }[source.defaults.outcome],
          ],
          ['Heartbeat', source.heartbeat ? `something within ${source.heartbeat}` : 'none'],
          ['Rate', `${number(source.rateLimit)} requests a minute`],
          ['Requests', number(counters.requests)],
          [
            'Alerts taken',
            `${number(counters.accepted)}, ${number(counters.firing)} ${counters.firing === 1 ? 'fires' : 'fire'} now`,
          ],
          ['Could not be read', number(counters.refused)],
          ['Beyond its rate', number(counters.limited)],
          ...(counters.leftOut > 0 ? ([['Cut by the sender', number(counters.leftOut)]] as const) : []),
          ...(source.lastRefusal && source.lastRefusedAt
            ? ([
                [
                  'Last refusal',
                  <span key="r">
                    {source.lastRefusal} <RelativeTime at={source.lastRefusedAt} />
                  </span>,
                ],
              ] as const)
            : []),
        ]}
      />
      <section>
        <SectionHead
          title="Tokens"
          count={source.tokens.length}
          className="px-0!"
          end={
            <Button size="sm" icon={RotateCw} refusal={manage} onClick={() => void rotate()}>
              New token
            </Button>
          }
        />
        <p className="text-meta text-text-3">
          Two live at once: put the new one into the sender, then end the old one. A third ends the oldest.
        </p>
        <ul className="mt-2">
          {source.tokens.map(({ id, hint, createdAt, lastUsedAt }) => (
            <li key={id} className="flex items-center gap-3 border-t border-line py-1.5">
              <span className="font-mono text-[11.5px]">…{hint}</span>
              <span className="min-w-0 flex-1 text-meta text-text-2">
                made <RelativeTime at={createdAt} />,{' '}
                {lastUsedAt ? (
                  <>
                    used <RelativeTime at={lastUsedAt} />
                  </>
                ) : (
                  'never used'
                )}
              </span>
              <IconButton
                size="sm"
                icon={Trash2}
                label={`End the token …${hint}`}
                refusal={manage}
                onClick={() => void end(id)}
              />
            </li>
          ))}
        </ul>
      </section>
      <section>
        <SectionHead title="Set up the sender" className="px-0!" />
        <SourceSetup url={`${window.location.origin}/api/v1/ingest/TOKEN`} />
      </section>
    </div>
  );
}
