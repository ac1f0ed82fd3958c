import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Link2, Pause, Pencil, Play, Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { z } from 'zod';
import type { RunTrigger } from '#contracts/hooks/run-triggers.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useMay, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Strand } from '../ui/strand.tsx';
import { toast } from '../ui/toast.tsx';
import { RunTriggerDetail } from './run-trigger-detail.tsx';
import { RunTriggerForm } from './run-trigger-form.tsx';
import { endsInWords, firingStatus, firingWord } from './run-trigger-words.ts';

const View = z.object({ sel: z.string().default(''), edit: z.string().default('') });

const columnsWith = (nameOf: (id: string) => string): ReadonlyArray<DataColumn<RunTrigger>> => [
  {
    id: 'name',
    head: 'Run trigger',
    width: 240,
    grow: true,
    cell: ({ name, enabled, playbooks, statuses }) => (
      <span className="block min-w-0 leading-[17px]">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {!enabled && <Tag>off</Tag>}
        </span>
        <span className="block truncate text-meta text-text-3">
          {`after ${playbooks.length === 0 ? 'any playbook' : playbooks.map(nameOf).join(', ')} ${endsInWords(statuses)}`}
        </span>
      </span>
    ),
  },
  {
    id: 'target',
    head: 'Starts',
    width: 220,
    cell: ({ target }) => (
      <Go to={`/playbooks/${target.id}`} className="hover:underline">
        {target.name ?? 'deleted playbook'}
      </Go>
    ),
  },
  {
    id: 'condition',
    head: 'Only where',
    width: 220,
    hideBelow: 'md',
    cell: ({ condition }) =>
      condition ? (
        <span className="font-mono text-[11.5px]" title={condition}>
          {condition}
        </span>
      ) : (
        <span className="text-text-3">always</span>
      ),
  },
  {
    id: 'last',
    head: 'Last ends',
    width: 150,
    hideBelow: 'sm',
    cell: ({ lastFirings }) =>
      lastFirings.length === 0 ? (
        <span className="text-text-3">none yet</span>
      ) : (
        <Strand
          segments={lastFirings
            .toReversed()
            .map(({ endedRunId, at, status }) => ({ id: `${endedRunId}${at}`, status: firingStatus[status] }))}
          label={`Last ${lastFirings.length}: ${lastFirings.map(({ status }) => firingWord[status].toLowerCase()).join(', ')}`}
        />
      ),
  },
];

/** What starts at the end of another run. */
export function RunTriggersPage() {
  const [view, setView] = useUrlState(View);
  const client = useQueryClient();
  const refusal = useRefusal();
  const offline = useOffline();
  const triggers = useQuery({ queryKey: ['run-triggers'], queryFn: ({ signal }) => api.listRunTriggers({ signal }) });
  const playbooks = useQuery({
    queryKey: ['playbooks', 'choosable'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 200 }, signal }),
    enabled: useMay('playbooks:read'),
  });
  const [deleted, setDeleted] = useState<RunTrigger | null>(null);
  const rows = triggers.data?.data ?? [];
  const books = playbooks.data?.data;
  const nameOf = useMemo(() => {
    const names = new Map((books ?? []).map(({ id, name }) => [id, name]));
    return (id: string) => names.get(id) ?? 'deleted playbook';
  }, [books]);
  const columns = useMemo(() => columnsWith(nameOf), [nameOf]);
  const manage = offline ?? refusal('hooks:manage');
  const open = rows.find(({ id }) => id === view.sel);
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const refresh = () => void client.invalidateQueries({ queryKey: ['run-triggers'] });
  useKeys([{ keys: 'c', label: 'New run trigger', run: () => manage === null && setView({ edit: 'new' }) }]);
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      New run trigger
    </Button>
  );
  const turn = (trigger: RunTrigger) =>
    api.changeRunTrigger({ params: { id: trigger.id }, body: { enabled: !trigger.enabled } }).then(() => {
      toast.done(`${trigger.name} is ${trigger.enabled ? 'off' : 'on'}`);
      refresh();
    }, toast.failure);
  const remove = async (trigger: RunTrigger) => {
    await api.deleteRunTrigger({ params: { id: trigger.id } });
    toast.done(`${trigger.name} is deleted`);
    setDeleted(null);
    setView({ sel: '' }, 'replace');
    refresh();
  };
  return (
    <Page title="Run triggers" panes testId="run-triggers.page" action={add}>
      <Answer
        of={triggers}
        what="The run triggers"
        waiting={<SkeletonRows height={43} />}
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState icon={Link2} title="No run starts another yet" action={add}>
            A playbook that starts when another one has ended: tests after a roll-out, a clean-up after a failure.
          </EmptyState>
        }
      >
        {() => (
          <DataTable<RunTrigger>
            label="Run triggers"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            nameOf={({ name }) => name}
            rowHeight={43}
            active={view.sel}
            onOpen={({ id }) => setView({ sel: id })}
            rowMenu={(trigger) => (
              <Menu label={`Acts on ${trigger.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem icon={Pencil} refusal={manage} onSelect={() => setView({ edit: trigger.id })}>
                  Edit
                </MenuItem>
                <MenuItem icon={trigger.enabled ? Pause : Play} refusal={manage} onSelect={() => void turn(trigger)}>
                  {trigger.enabled ? 'Turn off' : 'Turn on'}
                </MenuItem>
                <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setDeleted(trigger)}>
                  Delete run trigger
                </MenuItem>
              </Menu>
            )}
          />
        )}
      </Answer>
      <Drawer
        isOpen={open !== undefined}
        onClose={() => setView({ sel: '' })}
        title={open?.name ?? ''}
        width={500}
        foot={
          open && (
            <Button icon={Pencil} refusal={manage} onClick={() => setView({ sel: '', edit: open.id })}>
              Edit
            </Button>
          )
        }
      >
        {open && <RunTriggerDetail trigger={open} nameOf={nameOf} />}
      </Drawer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <RunTriggerForm
          key={view.edit}
          trigger={edited}
          playbooks={books ?? []}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(trigger) => {
            toast.done(`${trigger.name} is saved`);
            refresh();
            setView({ edit: '', sel: trigger.id }, 'replace');
          }}
        />
      )}
      <AlertDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={`Delete ${deleted?.name ?? ''}?`}
        act="Delete run trigger"
        onAct={() => deleted && remove(deleted)}
      >
        Nothing starts by it any more. Runs that it began go on and stay.
      </AlertDialog>
    </Page>
  );
}
