import { useQueryClient } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Ellipsis, ListFilter, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ShownAlertRule } from '#contracts/alerts/alert-rule-routes.ts';
import { api } from '../kit/api.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, Tag } from '../ui/card.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { toast } from '../ui/toast.tsx';
import { useAlertRules } from './alerts.ts';
import type { PartProps } from './alerts-page.tsx';
import { RuleForm } from './rule-form.tsx';

const outcomes = { incident: 'raises an incident', keep: 'keeps it', drop: 'drops it' } as const;

/** Which playbooks an incident of the rule gets: `, starts 1 and suggests 2 playbooks`. */
function playbookWords({ playbooks }: ShownAlertRule): string {
  if (playbooks.length === 0) return '';
  const started = playbooks.filter(({ mode }) => mode === 'auto').length;
  const parts = [
    ...(started > 0 ? [`starts ${started}`] : []),
    ...(playbooks.length > started ? [`suggests ${playbooks.length - started}`] : []),
  ];
  return `, ${parts.join(' and ')} ${playbooks.length === 1 ? 'playbook' : 'playbooks'}`;
}

/** What a rule has done, in a line. */
function deeds({ counters: { hits, raised, dropped, monitored, failed }, mode }: ShownAlertRule): string {
  const words = [
    mode === 'monitor' ? `would have decided on ${monitored}` : `decided on ${hits}`,
    ...(raised > 0 ? [`raised ${raised}`] : []),
    ...(dropped > 0 ? [`dropped ${dropped}`] : []),
    ...(failed > 0 ? [`failed on ${failed}`] : []),
  ];
  return words.join(', ');
}

/** What becomes of alerts: the first rule that holds decides. */
export function RulesPart({ view, setView, manage }: PartProps) {
  const client = useQueryClient();
  const rules = useAlertRules(true);
  const [gone, setGone] = useState<ShownAlertRule | null>(null);
  const rows = rules.data?.data ?? [];
  const edited = rows.find(({ id }) => id === view.edit) ?? null;
  const refresh = () => void client.invalidateQueries({ queryKey: ['alert-rules'] });
  const move = (at: number, by: -1 | 1) => {
    const ids = rows.map(({ id }) => id);
    const [taken] = ids.splice(at, 1);
    if (taken === undefined) return;
    ids.splice(at + by, 0, taken);
    api.orderAlertRules({ body: { ids } }).then((answer) => {
      client.setQueryData(['alert-rules'], answer);
    }, toast.failure);
  };
  return (
    <>
      <Answer
        of={rules}
        what="The rules"
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState
            icon={ListFilter}
            title="No rules yet"
            action={
              <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
                New rule
              </Button>
            }
          >
            Until there is one, each source’s own defaults decide. A rule picks alerts and says what becomes of them:
            how urgent, whose service, who is told.
          </EmptyState>
        }
      >
        {() => (
          <div className="min-h-0 flex-1 overflow-auto px-5 py-4 max-sm:px-4">
            <ol className="flex flex-col gap-2">
              {rows.map((rule, index) => (
                <li
                  key={rule.id}
                  className="flex items-start gap-3 rounded-md border border-line bg-surface px-3 py-2.5"
                >
                  <span className="mt-px w-5 flex-none text-right text-text-3 tabular-nums">{rule.position}</span>
                  <div className="min-w-0 flex-1">
                    <p className="flex flex-wrap items-center gap-2">
                      <bdi className="font-medium">{rule.name}</bdi>
                      {rule.mode === 'off' && <Tag>off</Tag>}
                      {rule.mode === 'monitor' && <Tag tone="run">monitor</Tag>}
                      <span className="text-meta text-text-2">
                        {outcomes[rule.outcome]}
                        {rule.threshold > 1 && ` from ${rule.threshold} alerts on`}
                        {rule.groupBy.length > 0 && `, one for each ${rule.groupBy.join(', ')}`}
                        {rule.outcome === 'incident' && playbookWords(rule)}
                      </span>
                    </p>
                    <p className="truncate font-mono text-[11.5px] text-text-2" title={rule.when}>
                      {rule.when}
                    </p>
                    <p className="text-meta text-text-3">
                      {deeds(rule)}
                      {rule.lastHitAt && (
                        <>
                          , last <RelativeTime at={rule.lastHitAt} />
                        </>
                      )}
                    </p>
                    {rule.lastFailure && (
                      <Note tone="fail" className="mt-1.5">
                        {rule.lastFailure}
                      </Note>
                    )}
                  </div>
                  <Menu
                    label={`Acts on ${rule.name}`}
                    trigger={<IconButton icon={Ellipsis} size="sm" label={`More of ${rule.name}`} />}
                  >
                    <MenuItem icon={Pencil} refusal={manage} onSelect={() => setView({ edit: rule.id })}>
                      Edit
                    </MenuItem>
                    <MenuItem
                      icon={ArrowUp}
                      refusal={manage ?? (index === 0 ? 'It is the first.' : null)}
                      onSelect={() => move(index, -1)}
                    >
                      Move up
                    </MenuItem>
                    <MenuItem
                      icon={ArrowDown}
                      refusal={manage ?? (index === rows.length - 1 ? 'It is the last.' : null)}
                      onSelect={() => move(index, 1)}
                    >
                      Move down
                    </MenuItem>
                    <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setGone(rule)}>
                      Delete rule
                    </MenuItem>
                  </Menu>
                </li>
              ))}
            </ol>
          </div>
        )}
      </Answer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <RuleForm
          key={view.edit}
          rule={edited}
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
        act="Delete rule"
        onAct={async () => {
          if (!gone) return;
          await api.deleteAlertRule({ params: { id: gone.id } });
          toast.done(`${gone.name} is deleted`);
          setGone(null);
          refresh();
        }}
      >
        Alerts that it decided on stay as they are; the next ones meet the rules behind it.
      </AlertDialog>
    </>
  );
}
