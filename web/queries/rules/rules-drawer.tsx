import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { QueryAct } from '#contracts/queries/query-acts.ts';
import type { QueryRule } from '#contracts/queries/query-rules.ts';
import { api } from '../../kit/api.ts';
import { Answer } from '../../ui/answer.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Tag } from '../../ui/card.tsx';
import { Drawer } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { toast } from '../../ui/toast.tsx';
import { RuleForm } from './rule-form.tsx';

export const actWords: Readonly<Record<QueryAct, string>> = {
  view: 'see',
  run: 'run',
  edit: 'change saved queries',
  schedule: 'schedule',
  export: 'take rows out',
};
const roleWords = { owner: 'Owners', admin: 'Administrators', member: 'Members', viewer: 'Viewers' } as const;

const whomOf = ({ personName, role }: QueryRule): string =>
  personName ?? (role ? roleWords[role] : 'Somebody who has left');
const whereOf = ({ folder, connectionName, unitName, unit }: QueryRule): string =>
  folder === null
    ? [connectionName ?? 'a connection', unitName ?? unit].filter(Boolean).join(' / ')
    : `folder ${folder}`;

/** Who may not do what with queries, and where: rules are made and taken away here. */
export function RulesDrawer({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [isNew, setNew] = useState(false);
  const [busy, setBusy] = useState('');
  const rules = useQuery({ queryKey: ['query-rules'], queryFn: ({ signal }) => api.listQueryRules({ signal }) });
  const remove = async (rule: QueryRule) => {
    setBusy(rule.id);
    try {
      await api.deleteQueryRule({ params: { id: rule.id } });
      await client.invalidateQueries({ queryKey: ['query-rules'] });
      toast.done(`${whomOf(rule)}: the rule at ${whereOf(rule)} is gone`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  return (
    <Drawer isOpen onClose={onClose} title="Who may do what with queries" width={560}>
      <div className="flex flex-col gap-4 p-5 max-sm:p-4" data-testid="queries.rules">
        <p className="text-meta text-text-2">
          Roles say what people may do everywhere. A rule takes some of it away at a connection, at one business unit or
          instance of it, or at a folder with all below it. Owners and administrators are bound by none.
        </p>
        {isNew ? (
          <RuleForm
            onClose={() => setNew(false)}
            onMade={async () => {
              setNew(false);
              await client.invalidateQueries({ queryKey: ['query-rules'] });
            }}
          />
        ) : (
          <Button look="primary" className="self-start" onClick={() => setNew(true)}>
            New rule
          </Button>
        )}
        <Answer
          of={rules}
          what="The rules"
          waiting={<SkeletonRows rows={3} />}
          isEmpty={({ data }) => data.length === 0}
          empty={
            <EmptyState icon={ShieldCheck} title="No rule takes anything away">
              Everybody may do with queries what their role allows.
            </EmptyState>
          }
        >
          {({ data }) => (
            <ul className="rounded-lg border border-line">
              {data.map((rule, index) => (
                <li
                  key={rule.id}
                  className={`flex flex-wrap items-center gap-x-2.5 gap-y-1 px-3.5 py-2 ${index > 0 ? 'border-t border-line' : ''}`}
                >
                  <span className="min-w-0 flex-1 max-sm:basis-full">
                    <bdi className="font-medium">{whomOf(rule)}</bdi>
                    <span className="block truncate text-meta text-text-2">
                      {'may not at '}
                      <bdi>{whereOf(rule)}</bdi>
                    </span>
                  </span>
                  <span className="flex flex-wrap gap-1 max-sm:mr-auto">
                    {rule.denied.map((act) => (
                      <Tag key={act}>{actWords[act]}</Tag>
                    ))}
                  </span>
                  <IconButton
                    icon={Trash2}
                    size="sm"
                    label={`Take away the rule of ${whomOf(rule)} at ${whereOf(rule)}`}
                    busy={busy === rule.id}
                    onClick={() => void remove(rule)}
                  />
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </div>
    </Drawer>
  );
}
