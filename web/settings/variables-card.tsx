import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Braces, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Json } from '#contracts/kit/schemas.ts';
import type { Variable } from '#contracts/settings/settings.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { VariableDialog } from './variable-dialog.tsx';
import { readValue, written } from './variable-values.ts';

/** The variables by name, with their values. */
export function VariablesCard() {
  const client = useQueryClient();
  const refusal = useRefusal()('settings:manage');
  const offline = useOffline();
  const variables = useQuery({
    queryKey: ['settings', 'variables'],
    queryFn: ({ signal }) => api.listVariables({ signal }),
  });
  const [edited, setEdited] = useState<Variable | 'new' | null>(null);
  const changed = (message: string, undo?: () => void) => {
    toast.done(message, { undo });
    void client.invalidateQueries({ queryKey: ['settings', 'variables'] });
  };
  const put = (name: string, value: Json, description: string | null) =>
    api.putVariable({ params: { name }, body: { value, description } });
  const remove = ({ name, value, description }: Variable) =>
    api
      .deleteVariable({ params: { name } })
      .then(
        () =>
          changed(
            `${name} is deleted`,
            () => void put(name, value, description).then(() => changed(`${name} is back`), toast.failure),
          ),
        toast.failure,
      );
  return (
    <Card label="Variables">
      <SectionHead
        title="Variables"
        className="max-sm:py-2"
        hint={
          <>
            in playbooks as <span className="font-mono text-[11.5px]">vars.name</span>, as they are when a run starts
          </>
        }
        end={
          <Button size="sm" icon={Plus} refusal={offline ?? refusal} onClick={() => setEdited('new')}>
            Add variable
          </Button>
        }
      />
      <Answer
        of={variables}
        what="The variables"
        waiting={<SkeletonLines />}
        isEmpty={({ data }) => data.length === 0}
        empty={<EmptyState icon={Braces} title="No variable yet" />}
      >
        {({ data }) => (
          <ul>
            {data.map((variable) => (
              <li key={variable.name} className="flex items-center gap-3 border-t border-line px-3.5 py-1.5">
                <div className="flex min-w-0 flex-1 items-center gap-x-3 max-sm:flex-col max-sm:items-start">
                  <span className="max-w-full truncate font-mono text-meta font-medium" title={variable.name}>
                    {variable.name}
                  </span>
                  <bdi
                    className="max-w-full min-w-0 truncate font-mono text-[11.5px] text-text-2 sm:flex-1"
                    title={variable.description ?? undefined}
                  >
                    {written(variable.value)}
                  </bdi>
                  <span className="max-w-full truncate text-meta text-text-3">
                    <bdi>{variable.updatedBy.name}</bdi> · <RelativeTime at={variable.updatedAt} />
                  </span>
                </div>
                <IconButton
                  size="sm"
                  icon={Pencil}
                  label={`Change ${variable.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => setEdited(variable)}
                />
                <IconButton
                  size="sm"
                  icon={Trash2}
                  label={`Delete ${variable.name}`}
                  refusal={offline ?? refusal}
                  onClick={() => void remove(variable)}
                />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {edited && (
        <VariableDialog
          variable={edited === 'new' ? null : edited}
          onClose={() => setEdited(null)}
          onSave={async (name, text, description) => {
            await put(name, readValue(text), description);
            setEdited(null);
            changed(`${name} is set`);
          }}
        />
      )}
    </Card>
  );
}
