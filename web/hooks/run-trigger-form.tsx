import { useState } from 'react';
import type { RunTrigger } from '#contracts/hooks/run-triggers.ts';
import { endedStatuses } from '#contracts/runs/status.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { PlaybookPicker } from '../playbooks/playbook-picker.tsx';
import { inputsOf, usePlaybook } from '../playbooks/playbooks.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Checkbox, Radio, Switch } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { statusLooks } from '../ui/status.ts';
import { givenSources, SourcedInputs } from './sourced-inputs.tsx';

interface RunTriggerFormProps {
  trigger: RunTrigger | null;
  playbooks: ReadonlyArray<{ id: string; name: string }>;
  onClose: () => void;
  onSaved: (trigger: RunTrigger) => void;
}

/** Makes a run trigger or changes one: after which runs, ended how, it starts what, with which inputs. */
export function RunTriggerForm({ trigger, playbooks, onClose, onSaved }: RunTriggerFormProps) {
  const [draft, setDraft] = useState({
    name: trigger?.name ?? '',
    playbooks: trigger?.playbooks ?? [],
    isAny: trigger !== null && trigger.playbooks.length === 0,
    statuses: trigger?.statuses ?? (['succeeded'] as RunTrigger['statuses']),
    condition: trigger?.condition ?? '',
    targetId: trigger?.target.id ?? '',
    enabled: trigger?.enabled ?? true,
  });
  const [inputs, setInputs] = useState<Record<string, string>>(trigger?.inputs ?? {});
  const { busy, failure, send } = useSending();
  const offline = useOffline();
  const refusal = useRefusal()('hooks:manage');
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const target = usePlaybook(draft.targetId || 'new');
  const declared = target.data ? inputsOf(target.data.definition) : [];
  const faultOf = (name: string) => targetFault(failure, name);
  const isWhole =
    draft.name.trim() !== '' &&
    draft.targetId !== '' &&
    draft.statuses.length > 0 &&
    (draft.isAny || draft.playbooks.length > 0);
  const save = async () => {
    if (!isWhole) return;
    const body = {
      name: draft.name,
      playbooks: draft.isAny ? [] : draft.playbooks,
      statuses: draft.statuses,
      condition: draft.condition.trim() || null,
      target: {
        kind: 'playbook' as const,
        id: draft.targetId,
        ...(trigger?.target.id === draft.targetId && { version: trigger.target.version }),
      },
      inputs: givenSources(inputs),
      enabled: draft.enabled,
    };
    await send(async () => {
      onSaved(
        trigger
          ? await api.changeRunTrigger({ params: { id: trigger.id }, body, ifMatch: `"${trigger.version}"` })
          : await api.createRunTrigger({ body }),
      );
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={500}
      title={trigger ? `Edit ${trigger.name}` : 'New run trigger'}
      act={trigger ? 'Save run trigger' : 'Make run trigger'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!isWhole}
      failure={failure}
      onSubmit={save}
    >
      <Field label="Name" required error={faultOf('name')}>
        {(slot) => (
          <Input
            {...slotProps(slot)}
            autoFocus
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-meta font-medium">After a run of</legend>
        <Radio
          label="After a run of"
          value={draft.isAny ? 'any' : 'some'}
          onValue={(value) => set({ isAny: value === 'any' })}
          options={[
            { value: 'some', label: 'These playbooks' },
            { value: 'any', label: 'Any playbook' },
          ]}
        />
        {!draft.isAny && (
          <ul className="max-h-44 overflow-auto rounded-md border border-line px-3 py-2">
            {playbooks.map(({ id, name }) => (
              <li key={id} className="py-0.5">
                <Checkbox
                  label={name}
                  checked={draft.playbooks.includes(id)}
                  onChecked={(on) =>
                    set({
                      playbooks: on ? [...draft.playbooks, id] : draft.playbooks.filter((other) => other !== id),
                    })
                  }
                />
              </li>
            ))}
            {playbooks.length === 0 && <li className="text-meta text-text-3">There is no playbook yet.</li>}
          </ul>
        )}
        {faultOf('playbooks') && <p className="text-meta text-fail-fg">{faultOf('playbooks')}</p>}
      </fieldset>
      <fieldset>
        <legend className="mb-1 text-meta font-medium">That ended as</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1.5">
          {endedStatuses.map((status) => (
            <Checkbox
              key={status}
              label={statusLooks[status].word}
              checked={draft.statuses.includes(status)}
              onChecked={(on) =>
                set({
                  statuses: on ? [...draft.statuses, status] : draft.statuses.filter((other) => other !== status),
                })
              }
            />
          ))}
        </div>
      </fieldset>
      <Field
        label="Only where"
        aside="CEL, optional"
        hint={
          <>
            Over <span className="font-mono">run</span>: <span className="font-mono">id</span>,{' '}
            <span className="font-mono">title</span>, <span className="font-mono">status</span>,{' '}
            <span className="font-mono">outputs</span>, <span className="font-mono">error</span>,{' '}
            <span className="font-mono">inputs</span>, <span className="font-mono">playbook</span>.
          </>
        }
        error={faultOf('condition')}
      >
        {(slot) => (
          <Input
            {...slotProps(slot)}
            mono
            placeholder="run.outputs.changed > 0"
            value={draft.condition}
            onChange={(event) => set({ condition: event.target.value })}
          />
        )}
      </Field>
      <div className="border-t border-line pt-4">
        <Field label="Start the playbook" required error={faultOf('target')}>
          {(slot) => <PlaybookPicker id={slot.id} value={draft.targetId} onValue={(targetId) => set({ targetId })} />}
        </Field>
      </div>
      <SourcedInputs
        declared={declared}
        sources={inputs}
        onSources={setInputs}
        from="run.outputs"
        aside="CEL"
        errorOf={faultOf}
      />
      <div className="flex items-center gap-3 border-t border-line pt-4">
        <span className="flex-1 font-medium">Starts runs</span>
        <Switch label="Starts runs" checked={draft.enabled} onChecked={(enabled) => set({ enabled })} />
      </div>
    </DrawerForm>
  );
}
