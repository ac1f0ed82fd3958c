import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { DutyPerson, ShownOnCallSchedule, ShownPolicy } from '#contracts/oncall/oncall.ts';
import type { EscalationPolicy, EscalationTarget } from '#contracts/oncall/escalation.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Tag } from '../ui/card.tsx';
import { targetWords } from './policy-words.ts';

export interface Targets {
  people: readonly DutyPerson[];
  schedules: readonly ShownOnCallSchedule[];
  channels: ReadonlyArray<{ id: string; name: string }>;
}
interface PolicyFormProps {
  policy: ShownPolicy | null;
  targets: Targets;
  onClose: () => void;
  onSaved: (policy: ShownPolicy) => void;
}
type Step = EscalationPolicy['steps'][number];

const newStep = (after: string): Step => ({
  after,
  targets: [],
  playbookId: null,
  raisesSeverity: false,
  within: null,
});

/** Makes an escalation policy or changes one: who is told, after how long the next, how often again, and who at last. */
export function PolicyForm({ policy, targets, onClose, onSaved }: PolicyFormProps) {
  const [draft, setDraft] = useState<EscalationPolicy>(() => ({
    name: policy?.name ?? '',
    steps: policy?.steps ?? [newStep('0s')],
    repeats: policy?.repeats ?? 2,
    repeatAfter: policy?.repeatAfter ?? '10m',
    fallback: policy?.fallback ?? [],
  }));
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('oncall:manage');
  const offline = useOffline();
  const set = (changes: Partial<EscalationPolicy>) => setDraft((old) => ({ ...old, ...changes }));
  const setStep = (at: number, changes: Partial<Step>) =>
    set({ steps: draft.steps.map((step, index) => (index === at ? { ...step, ...changes } : step)) });
  const isWhole =
    draft.name.trim() !== '' &&
    draft.steps.every((step) => step.targets.length > 0 || step.playbookId !== null || step.raisesSeverity);
  const save = async () => {
    if (!isWhole) return;
    await send(async () => {
      onSaved(
        policy
          ? await api.changeEscalationPolicy({ params: { id: policy.id }, body: draft, ifMatch: `"${policy.version}"` })
          : await api.createEscalationPolicy({ body: draft }),
      );
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={520}
      title={policy ? `Edit ${policy.name}` : 'New escalation policy'}
      act={policy ? 'Save policy' : 'Make policy'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!isWhole}
      failure={failure}
      onSubmit={save}
    >
      <Field label="Name" required>
        {(slot) => (
          <Input
            {...slotProps(slot)}
            autoFocus
            value={draft.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      {draft.steps.map((step, index) => (
        <fieldset key={index} className="flex flex-col gap-3 rounded-md border border-line p-3">
          <legend className="sr-only">{`Step ${index + 1}`}</legend>
          <div className="flex items-end gap-2">
            <Field
              label={`Step ${index + 1}: after`}
              hint={
                index === 0 ? 'Since it began, such as 0s or 5m.' : 'Since the step before, if nobody has answered.'
              }
              className="flex-1"
            >
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  value={step.after}
                  onChange={(event) => setStep(index, { after: event.target.value })}
                />
              )}
            </Field>
            {draft.steps.length > 1 && (
              <span className="mb-[21px]">
                <IconButton
                  icon={Trash2}
                  label={`Remove step ${index + 1}`}
                  onClick={() => set({ steps: draft.steps.filter((_, at) => at !== index) })}
                />
              </span>
            )}
          </div>
          <TargetsField
            label="Tell"
            value={step.targets}
            targets={targets}
            onValue={(next) => setStep(index, { targets: next })}
          />
        </fieldset>
      ))}
      <div>
        <Button
          icon={Plus}
          disabled={draft.steps.length >= 20}
          onClick={() => set({ steps: [...draft.steps, newStep('5m')] })}
        >
          Add a step
        </Button>
      </div>
      <div className="grid grid-cols-2 gap-3 border-t border-line pt-4">
        <Field label="Again, so many times">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="number"
              min={0}
              max={9}
              value={draft.repeats}
              onChange={(event) =>
                set({ repeats: Math.min(9, Math.max(0, Math.floor(Number(event.target.value)) || 0)) })
              }
            />
          )}
        </Field>
        <Field label="Between rounds" hint="At least a minute.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={draft.repeatAfter}
              onChange={(event) => set({ repeatAfter: event.target.value })}
            />
          )}
        </Field>
      </div>
      <TargetsField
        label="At last, if nobody ever answered"
        value={draft.fallback}
        targets={targets}
        onValue={(fallback) => set({ fallback })}
      />
    </DrawerForm>
  );
}

interface TargetsFieldProps {
  label: string;
  value: readonly EscalationTarget[];
  targets: Targets;
  onValue: (targets: EscalationTarget[]) => void;
}

/** Some of: people, whoever is on call by a schedule, channels. */
function TargetsField({ label, value, targets, onValue }: TargetsFieldProps) {
  const nameOf = targetWords(targets);
  const keyOf = ({ kind, id }: EscalationTarget): string => `${kind}:${id}`;
  const options = [
    ...targets.schedules.map(({ id, name }) => ({ value: `schedule:${id}`, label: name, hint: 'whoever is on call' })),
    ...targets.people.map(({ id, name, email }) => ({ value: `person:${id}`, label: name, hint: email })),
    ...targets.channels.map(({ id, name }) => ({ value: `channel:${id}`, label: name, hint: 'channel' })),
  ].filter((option) => !value.some((target) => keyOf(target) === option.value));
  return (
    <Field label={label}>
      {(slot) => (
        <>
          {value.length > 0 && (
            <ul className="mb-2 flex flex-wrap gap-1.5">
              {value.map((target) => (
                <li key={keyOf(target)} className="flex items-center">
                  <Tag>{nameOf(target)}</Tag>
                  <IconButton
                    size="sm"
                    icon={Trash2}
                    label={`Take ${nameOf(target)} out`}
                    onClick={() => onValue(value.filter((one) => one !== target))}
                  />
                </li>
              ))}
            </ul>
          )}
          <Combobox
            id={slot.id}
            value=""
            placeholder="Add somebody"
            options={options}
            onValue={(key) => {
              const [kind = '', id = ''] = key.split(':');
              onValue([...value, { kind: kind as EscalationTarget['kind'], id }]);
            }}
          />
        </>
      )}
    </Field>
  );
}
