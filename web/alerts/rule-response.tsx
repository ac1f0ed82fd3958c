import { Trash2 } from 'lucide-react';
import { type AlertRule, mostRulePlaybooks } from '#contracts/alerts/alert-rules.ts';
import { useMay } from '../kit/session.ts';
import { namesOf, useOnCall } from '../oncall/oncall.ts';
import { PlaybookPicker, useChoosablePlaybooks } from '../playbooks/playbook-picker.tsx';
import { IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Field } from '../ui/form.tsx';
import { Select } from '../ui/select.tsx';
import { usePolicyOptions } from './alerts.ts';

const nobody = 'nobody';

type Response = Pick<AlertRule, 'assigneeId' | 'escalationPolicyId' | 'playbooks'>;
interface RuleResponseProps {
  value: Response;
  onValue: (changes: Partial<Response>) => void;
  faultOf: (name: string) => string | undefined;
}

/** What happens with an incident that a rule raises: whose it is, who is told, which playbooks. */
export function RuleResponse({ value, onValue, faultOf }: RuleResponseProps) {
  const { assigneeId, escalationPolicyId, playbooks } = value;
  const policies = usePolicyOptions();
  const mayReadPeople = useMay('oncall:read');
  const mayReadPlaybooks = useMay('playbooks:read');
  // What one may not see stays as it is.
  return (
    <>
      {mayReadPeople && (
        <Owner value={assigneeId} onValue={(next) => onValue({ assigneeId: next })} error={faultOf('assigneeId')} />
      )}
      <Field label="Who is told" aside="optional" error={faultOf('escalationPolicyId')}>
        {(slot) => (
          <Select
            id={slot.id}
            value={escalationPolicyId ?? ''}
            onValue={(id) => onValue({ escalationPolicyId: id || null })}
            options={[{ value: '', label: 'By the service, or nobody' }, ...(policies.data ?? [])]}
          />
        )}
      </Field>
      {mayReadPlaybooks && (
        <Playbooks value={playbooks} onValue={(next) => onValue({ playbooks: next })} error={faultOf('playbooks')} />
      )}
    </>
  );
}

function Owner({
  value,
  onValue,
  error,
}: {
  value: string | null;
  onValue: (id: string | null) => void;
  error: string | undefined;
}) {
  const oncall = useOnCall();
  const people = oncall.data?.people ?? [];
  const isGone = value !== null && oncall.data && !people.some(({ id }) => id === value);
  return (
    <Field label="Who owns it" aside="optional" hint="From the first moment, as if it were handed over." error={error}>
      {(slot) => (
        <Combobox
          id={slot.id}
          value={value ?? nobody}
          onValue={(id) => onValue(id === nobody ? null : id)}
          invalid={error !== undefined}
          describedBy={slot.describedBy}
          options={[
            { value: nobody, label: 'Nobody until somebody takes it' },
            ...(isGone ? [{ value, label: namesOf(people)(value) }] : []),
            ...people.map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
          ]}
        />
      )}
    </Field>
  );
}

function Playbooks({
  value,
  onValue,
  error,
}: {
  value: AlertRule['playbooks'];
  onValue: (playbooks: AlertRule['playbooks']) => void;
  error: string | undefined;
}) {
  const { data, isPending } = useChoosablePlaybooks();
  const nameOf = (id: string): string =>
    data?.data.find((one) => one.id === id)?.name ?? (isPending ? 'a playbook' : 'a playbook that is gone');
  return (
    <Field
      label="Playbooks"
      aside="optional"
      hint="Once for an incident, with it as input. What is suggested waits for a person on the incident’s page."
      error={error}
    >
      {(slot) => (
        <>
          {value.length > 0 && (
            <ul className="mb-2 flex flex-col gap-1.5" aria-label="Playbooks of this rule">
              {value.map(({ playbookId, mode }) => (
                <li key={playbookId} className="flex items-center gap-2 rounded-md bg-sunken py-1 pr-1 pl-2.5">
                  <bdi className="min-w-0 flex-1 truncate" title={nameOf(playbookId)}>
                    {nameOf(playbookId)}
                  </bdi>
                  <Select
                    size="sm"
                    label={`What happens with ${nameOf(playbookId)}`}
                    value={mode}
                    onValue={(next) =>
                      onValue(
                        value.map((one) =>
                          one.playbookId === playbookId ? { ...one, mode: next === 'auto' ? 'auto' : 'suggest' } : one,
                        ),
                      )
                    }
                    options={[
                      { value: 'suggest', label: 'Is suggested' },
                      { value: 'auto', label: 'Starts' },
                    ]}
                  />
                  <IconButton
                    size="sm"
                    icon={Trash2}
                    label={`Take ${nameOf(playbookId)} out`}
                    onClick={() => onValue(value.filter((one) => one.playbookId !== playbookId))}
                  />
                </li>
              ))}
            </ul>
          )}
          {value.length < mostRulePlaybooks && (
            <PlaybookPicker
              id={slot.id}
              value=""
              placeholder="Add a playbook"
              without={value.map(({ playbookId }) => playbookId)}
              onValue={(playbookId) => onValue([...value, { playbookId, mode: 'suggest' }])}
            />
          )}
        </>
      )}
    </Field>
  );
}
