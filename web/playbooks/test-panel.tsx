import { useMutation } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useState } from 'react';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { InputFields } from './input-fields.tsx';
import { defaultValues, givenValues } from './input-values.ts';
import type { Reading } from './document/read-playbook.ts';
import { TestOutcome } from './panels/test-outcome.tsx';

interface TestPanelProps {
  playbookId: string;
  yaml: string;
  reading: Reading;
  step: string;
  onStep: (step: string) => void;
}

/** Runs one step by itself, with the results of earlier steps given by hand, perhaps on one host only. It really runs. */
export function TestPanel({ playbookId, yaml, reading, step, onStep }: TestPanelProps) {
  const { steps, inputs: declared } = reading;
  const refusal = useRefusal();
  const offline = useOffline();
  const [values, setValues] = useState<Record<string, Json>>(() => defaultValues(declared));
  const [hosts, setHosts] = useState<string[]>([]);
  const [outputs, setOutputs] = useState('');
  const test = useMutation({
    mutationFn: () =>
      api.testPlaybookStep({
        params: { id: playbookId, stepId: step },
        body: {
          yaml,
          inputs: givenValues(declared, values),
          hosts: hosts.length > 0 ? hosts : undefined,
          outputs: outputs.trim() ? (JSON.parse(outputs) as Record<string, Json>) : {},
        },
      }),
  });
  const failure = test.error ? asFailure(test.error) : null;
  const named = steps.filter(({ id }) => id !== '');
  return (
    <div className="grid grid-cols-[minmax(260px,340px)_minmax(0,1fr)] gap-5 p-4 max-sm:grid-cols-1">
      <form
        className="flex flex-col gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          test.mutate();
        }}
      >
        <Field label="Step">
          {(slot) => (
            <Select
              id={slot.id}
              value={step}
              onValue={onStep}
              options={named.map(({ id, name, kind }) => ({ value: id, label: name, hint: kind }))}
            />
          )}
        </Field>
        <Field label="Only on these servers" aside="optional" hint="Names; without any, those that the step selects.">
          {(slot) => <WordsInput id={slot.id} words={hosts} onWords={setHosts} describedBy={slot.describedBy} />}
        </Field>
        <InputFields inputs={declared} values={values} onValues={setValues} faults={failure?.faults} />
        <Field label="Results of earlier steps" aside="JSON, optional" hint='Such as {"fetch": {"version": "1.2"}}'>
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              mono
              rows={2}
              value={outputs}
              onChange={(event) => setOutputs(event.target.value)}
            />
          )}
        </Field>
        <Button
          type="submit"
          icon={Play}
          className="self-start"
          busy={test.isPending}
          disabled={!step}
          refusal={offline ?? refusal('playbooks:run')}
        >
          Test the step
        </Button>
      </form>
      <div className="min-w-0">
        <FormFailure failure={failure} />
        {test.data ? (
          <TestOutcome runId={test.data.runId} />
        ) : (
          !failure && <p className="text-meta text-text-3">The step really runs, by itself, as a run of its own.</p>
        )}
      </div>
    </div>
  );
}
