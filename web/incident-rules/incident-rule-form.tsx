import { useState } from 'react';
import {
  happenings,
  IncidentRule,
  type RuleLimits,
  type ShownIncidentRule,
} from '#contracts/incident-rules/incident-rules.ts';
import { givenSources, SourcedInputs } from '../hooks/sourced-inputs.tsx';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { PlaybookPicker } from '../playbooks/playbook-picker.tsx';
import { inputsOf, usePlaybook } from '../playbooks/playbooks.ts';
import { targetFault } from '../playbooks/target-fault.ts';
import { Checkbox, Radio, SwitchRow } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { happeningWords } from './incident-rule-words.ts';

interface IncidentRuleFormProps {
  rule: ShownIncidentRule | null;
  onClose: () => void;
  onSaved: (rule: ShownIncidentRule) => void;
}

/** Makes a rule or changes one: when, only where, which playbook with which inputs, suggested or started, within which limits. */
export function IncidentRuleForm({ rule, onClose, onSaved }: IncidentRuleFormProps) {
  const [draft, setDraft] = useState(() => ({
    name: rule?.name ?? '',
    happenings: rule?.happenings ?? (['opened'] as ShownIncidentRule['happenings']),
    condition: rule?.condition ?? '',
    targetId: rule?.target.id ?? '',
    mode: rule?.mode ?? ('suggest' as const),
    limits: rule?.limits ?? ({ perHour: 20, coolDown: '0s', mostAtOnce: 1, mostFailures: 3 } satisfies RuleLimits),
    enabled: rule?.enabled ?? true,
  }));
  const [inputs, setInputs] = useState<Record<string, string>>(rule?.inputs ?? {});
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('incidents:manage');
  const offline = useOffline();
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const setLimit = (changes: Partial<RuleLimits>) => set({ limits: { ...draft.limits, ...changes } });
  const target = usePlaybook(draft.targetId || 'new');
  const declared = target.data ? inputsOf(target.data.definition) : [];
  const faultOf = (name: string) => targetFault(failure, name);
  const { targetId, condition, ...rest } = draft;
  const parsed = IncidentRule.safeParse({
    ...rest,
    condition: condition.trim() || null,
    target: { kind: 'playbook', id: targetId, ...(rule?.target.id === targetId && { version: rule.target.version }) },
    inputs: givenSources(inputs),
  });
  const save = async () => {
    if (!parsed.success) return;
    await send(async () => {
      onSaved(
        rule
          ? await api.changeIncidentRule({
              params: { id: rule.id },
              body: parsed.data,
              ifMatch: `"${rule.version}"`,
            })
          : await api.createIncidentRule({ body: parsed.data }),
      );
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={520}
      title={rule ? `Edit ${rule.name}` : 'New rule'}
      act={rule ? 'Save rule' : 'Make rule'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!parsed.success}
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
      <fieldset>
        <legend className="mb-1 text-meta font-medium">When something happens to an incident</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1.5">
          {happenings.map((one) => (
            <Checkbox
              key={one}
              label={happeningWords[one]}
              checked={draft.happenings.includes(one)}
              onChecked={(on) =>
                set({
                  happenings: on ? [...draft.happenings, one] : draft.happenings.filter((other) => other !== one),
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
            Over <span className="font-mono">incident</span>: <span className="font-mono">severity</span> (such as
            “sev1”), <span className="font-mono">state</span>, <span className="font-mono">service</span>,{' '}
            <span className="font-mono">title</span>, <span className="font-mono">labels</span>,{' '}
            <span className="font-mono">hosts</span>, <span className="font-mono">key</span>.
          </>
        }
        error={faultOf('condition')}
      >
        {(slot) => (
          <Input
            {...slotProps(slot)}
            mono
            placeholder="incident.severity == 'sev1'"
            value={draft.condition}
            onChange={(event) => set({ condition: event.target.value })}
          />
        )}
      </Field>
      <div className="border-t border-line pt-4">
        <Field label="The playbook" required error={faultOf('target')}>
          {(slot) => <PlaybookPicker id={slot.id} value={draft.targetId} onValue={(id) => set({ targetId: id })} />}
        </Field>
      </div>
      <Radio
        label="What it does"
        value={draft.mode}
        onValue={(mode) => set({ mode })}
        options={[
          { value: 'suggest', label: 'Suggest it: a person decides on the incident' },
          { value: 'auto', label: 'Start it' },
        ]}
      />
      <SourcedInputs
        declared={declared}
        sources={inputs}
        onSources={setInputs}
        from="incident"
        aside="CEL"
        errorOf={faultOf}
      />
      <fieldset className="border-t border-line pt-4">
        <legend className="sr-only">Limits</legend>
        <div className="grid grid-cols-2 gap-3">
          <Count
            label="At most in an hour"
            most={1_000}
            value={draft.limits.perHour}
            onValue={(perHour) => setLimit({ perHour })}
          />
          <Field label="Then rests" hint="For the same service; 0s: not at all.">
            {(slot) => (
              <Input
                {...slotProps(slot)}
                value={draft.limits.coolDown}
                onChange={(event) => setLimit({ coolDown: event.target.value })}
              />
            )}
          </Field>
          <Count
            label="At once on a host"
            most={100}
            value={draft.limits.mostAtOnce}
            onValue={(mostAtOnce) => setLimit({ mostAtOnce })}
          />
          <Count
            label="Stops after failures in a row"
            most={20}
            value={draft.limits.mostFailures}
            onValue={(mostFailures) => setLimit({ mostFailures })}
          />
        </div>
      </fieldset>
      <SwitchRow
        className="border-t border-line pt-4"
        label="The rule is on"
        checked={draft.enabled}
        onChecked={(enabled) => set({ enabled })}
      />
    </DrawerForm>
  );
}

interface CountProps {
  label: string;
  most: number;
  value: number;
  onValue: (value: number) => void;
}

function Count({ label, most, value, onValue }: CountProps) {
  return (
    <Field label={label}>
      {(slot) => (
        <Input
          {...slotProps(slot)}
          type="number"
          min={1}
          max={most}
          value={value}
          onChange={(event) => onValue(Math.floor(Number(event.target.value)))}
        />
      )}
    </Field>
  );
}
