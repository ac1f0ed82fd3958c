import { useQueryClient } from '@tanstack/react-query';
import { BellOff, CircleStop, Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ShownSilence } from '#contracts/alerts/silence-routes.ts';
import { api } from '../kit/api.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { useSilences } from './alerts.ts';
import type { PartProps } from './alerts-page.tsx';
import { SilenceForm } from './silence-form.tsx';

const modes = { suppress: 'holds back', collapse: 'one incident', watch: 'only marks' } as const;

const columns: ReadonlyArray<DataColumn<ShownSilence>> = [
  {
    id: 'name',
    head: 'Silence',
    width: 260,
    grow: true,
    cell: ({ name, matchers }) => (
      <span className="block min-w-0 leading-[17px]">
        <span className="block truncate font-medium">
          <bdi>{name}</bdi>
        </span>
        <span className="block truncate font-mono text-[11px] text-text-3">
          {matchers.map(({ label, op, value }) => `${label}${op}"${value}"`).join(', ')}
        </span>
      </span>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 180,
    cell: ({ openUntil, opensAt, isOver }) =>
      openUntil ? (
        <span className="inline-flex items-center gap-2">
          <Tag tone="wait">holds</Tag>
          <span className="text-meta text-text-3 max-sm:hidden">
            until <RelativeTime at={openUntil} />
          </span>
        </span>
      ) : isOver || !opensAt ? (
        <span className="text-text-3">over</span>
      ) : (
        <span className="text-text-2">
          from <RelativeTime at={opensAt} />
        </span>
      ),
  },
  {
    id: 'time',
    head: 'Window',
    width: 150,
    hideBelow: 'md',
    cell: ({ time }) => (time.kind === 'once' ? 'once' : `${time.cron}, ${time.lasts}`),
  },
  { id: 'mode', head: 'Alerts', width: 110, hideBelow: 'md', cell: ({ mode }) => modes[mode] },
  {
    id: 'silenced',
    head: 'Held back',
    width: 90,
    align: 'right',
    hideBelow: 'sm',
    cell: ({ silenced }) => <span className="tabular-nums">{silenced.toLocaleString('en')}</span>,
  },
];

/** What is not to wake anybody. */
export function SilencesPart({ view, setView, manage }: PartProps) {
  const client = useQueryClient();
  const silences = useSilences(true);
  const [gone, setGone] = useState<ShownSilence | null>(null);
  const rows = silences.data?.data ?? [];
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const refresh = () => void client.invalidateQueries({ queryKey: ['silences'] });
  const end = ({ id, name }: ShownSilence) =>
    api.endSilence({ params: { id } }).then(() => {
      toast.done(`${name} has ended`);
      refresh();
    }, toast.failure);
  return (
    <>
      <Answer
        of={silences}
        what="The silences"
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState
            icon={BellOff}
            title="Nothing is held back"
            action={
              <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
                New silence
              </Button>
            }
          >
            A silence holds alerts back by their labels, once or each week. What still fires at its end comes back.
          </EmptyState>
        }
      >
        {() => (
          <DataTable<ShownSilence>
            label="Silences"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            rowHeight={46}
            nameOf={({ name }) => name}
            active={view.edit}
            onOpen={({ id }) => setView({ edit: id })}
            rowMenu={(silence) => (
              <Menu label={`Acts on ${silence.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem icon={Pencil} refusal={manage} onSelect={() => setView({ edit: silence.id })}>
                  Edit
                </MenuItem>
                <MenuItem
                  icon={CircleStop}
                  refusal={manage ?? (silence.isOver ? 'It is over.' : null)}
                  onSelect={() => void end(silence)}
                >
                  End now
                </MenuItem>
                <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setGone(silence)}>
                  Delete silence
                </MenuItem>
              </Menu>
            )}
          />
        )}
      </Answer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <SilenceForm
          key={view.edit}
          silence={edited}
          refusal={manage}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={({ name }) => {
            toast.done(`${name} is saved`);
            setView({ edit: '' }, 'replace');
            refresh();
          }}
        />
      )}
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title={`Delete ${gone?.name ?? ''}?`}
        act="Delete silence"
        onAct={async () => {
          if (!gone) return;
          await api.deleteSilence({ params: { id: gone.id } });
          toast.done(`${gone.name} is deleted`);
          setGone(null);
          refresh();
        }}
      >
        What it holds back and still fires comes back at once.
      </AlertDialog>
    </>
  );
}
