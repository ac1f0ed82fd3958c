import { useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Link2, Pause, Pencil, Play, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { IncidentRule, type ShownIncidentRule } from '#contracts/incident-rules/incident-rules.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
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
import { IncidentRuleDetail } from './incident-rule-detail.tsx';
import { IncidentRuleForm } from './incident-rule-form.tsx';
import { startStatus, startWord, whenInWords } from './incident-rule-words.ts';
import { useIncidentRules } from './incident-rules.ts';

const View = z.object({ sel: z.string().default(''), edit: z.string().default('') });

const columns: ReadonlyArray<DataColumn<ShownIncidentRule>> = [
  {
    id: 'name',
    head: 'Rule',
    width: 240,
    grow: true,
    cell: (rule) => (
      <span className="block min-w-0 leading-[17px]">
        <span className="flex items-center gap-2">
          <bdi className="truncate font-medium">{rule.name}</bdi>
          {rule.tripped ? <Tag tone="fail">stopped</Tag> : !rule.enabled && <Tag>off</Tag>}
        </span>
        <span className="block truncate text-meta text-text-3">{whenInWords(rule)}</span>
      </span>
    ),
  },
  { id: 'mode', head: 'Does', width: 110, cell: ({ mode }) => (mode === 'auto' ? 'starts' : 'suggests') },
  {
    id: 'target',
    head: 'Playbook',
    width: 200,
    hideBelow: 'sm',
    cell: ({ target }) => target.name ?? 'deleted playbook',
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
    head: 'Last times',
    width: 140,
    hideBelow: 'md',
    cell: ({ lastStarts }) =>
      lastStarts.length === 0 ? (
        <span className="text-text-3">none yet</span>
      ) : (
        <Strand
          segments={lastStarts.toReversed().map((start) => ({ id: start.id, status: startStatus(start) }))}
          label={`Last ${lastStarts.length}: ${lastStarts.map(({ status }) => startWord[status].toLowerCase()).join(', ')}`}
        />
      ),
  },
];

/** What starts, or is suggested, when something happens to an incident. */
export function IncidentRulesPage() {
  const [view, setView] = useUrlState(View);
  const client = useQueryClient();
  const refusal = useRefusal();
  const manage = useOffline() ?? refusal('incidents:manage');
  const rules = useIncidentRules();
  const [deleted, setDeleted] = useState<ShownIncidentRule | null>(null);
  const rows = rules.data?.data ?? [];
  const open = rows.find(({ id }) => id === view.sel);
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const refresh = () => void client.invalidateQueries({ queryKey: ['incident-rules'] });
  useKeys([{ keys: 'c', label: 'New rule', run: () => manage === null && setView({ edit: 'new' }) }]);
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      New rule
    </Button>
  );
  const turn = (rule: ShownIncidentRule) =>
    api
      .changeIncidentRule({
        params: { id: rule.id },
        body: IncidentRule.parse({ ...rule, enabled: !rule.enabled }),
        ifMatch: `"${rule.version}"`,
      })
      .then(() => {
        toast.done(`${rule.name} is ${rule.enabled ? 'off' : 'on'}`);
        refresh();
      }, toast.failure);
  const resume = (rule: ShownIncidentRule) =>
    api.resumeIncidentRule({ params: { id: rule.id } }).then(() => {
      toast.done(`${rule.name} goes on`);
      refresh();
    }, toast.failure);
  const remove = async () => {
    if (!deleted) return;
    await api.deleteIncidentRule({ params: { id: deleted.id } });
    toast.done(`${deleted.name} is deleted`);
    setDeleted(null);
    setView({ sel: '' }, 'replace');
    refresh();
  };
  return (
    <Page title="Incident rules" panes testId="settings.incident-rules" action={add}>
      <Answer
        of={rules}
        what="The incident rules"
        waiting={<SkeletonRows height={43} />}
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState icon={Link2} title="No rule yet" action={add}>
            A playbook that is suggested or started when an incident is opened or changes: collect what the hosts say,
            restart a service.
          </EmptyState>
        }
      >
        {() => (
          <DataTable<ShownIncidentRule>
            label="Incident rules"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            nameOf={({ name }) => name}
            rowHeight={43}
            active={view.sel}
            onOpen={({ id }) => setView({ sel: id })}
            rowMenu={(rule) => (
              <Menu label={`Acts on ${rule.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
                <MenuItem icon={Pencil} refusal={manage} onSelect={() => setView({ edit: rule.id })}>
                  Edit
                </MenuItem>
                {rule.tripped && (
                  <MenuItem icon={Play} refusal={manage} onSelect={() => void resume(rule)}>
                    Let it go on
                  </MenuItem>
                )}
                <MenuItem icon={rule.enabled ? Pause : Play} refusal={manage} onSelect={() => void turn(rule)}>
                  {rule.enabled ? 'Turn off' : 'Turn on'}
                </MenuItem>
                <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setDeleted(rule)}>
                  Delete rule
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
            <>
              {open.tripped && (
                <Button icon={Play} refusal={manage} onClick={() => void resume(open)}>
                  Let it go on
                </Button>
              )}
              <Button icon={Pencil} refusal={manage} onClick={() => setView({ sel: '', edit: open.id })}>
                Edit
              </Button>
            </>
          )
        }
      >
        {open && <IncidentRuleDetail rule={open} />}
      </Drawer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <IncidentRuleForm
          key={view.edit}
          rule={edited}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={({ name, id }) => {
            toast.done(`${name} is saved`);
            refresh();
            setView({ edit: '', sel: id }, 'replace');
          }}
        />
      )}
      <AlertDialog
        isOpen={deleted !== null}
        onClose={() => setDeleted(null)}
        title={`Delete ${deleted?.name ?? ''}?`}
        act="Delete rule"
        onAct={remove}
      >
        Nothing starts by it any more. Runs that it began go on and stay.
      </AlertDialog>
    </Page>
  );
}
