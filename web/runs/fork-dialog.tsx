import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Json } from '#contracts/kit/schemas.ts';
import type { RunDetail } from '#contracts/runs/runs.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { defaultValues, InputFields } from '../playbooks/input-fields.tsx';
import { inputsOf } from '../playbooks/playbooks.ts';
import type { Playbook } from '#contracts/playbooks/playbooks.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure } from '../ui/form.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { forkInputs, forkSteps, secretMark } from './fork.ts';
import { definitionQuery } from './run-steps.tsx';

interface ForkDialogProps {
  run: RunDetail;
  /** The step that is selected on the page. */
  fromStep: string | undefined;
  onClose: () => void;
}

/** A new run out of an ended one: from a step of it or from the beginning, with inputs that may be changed. */
export function ForkDialog({ run, fromStep, onClose }: ForkDialogProps) {
  const definition = useQuery(definitionQuery(run.id));
  return (
    <Answer
      of={definition}
      what="What this run executes"
      waiting={
        <Dialog isOpen onClose={onClose} title="Run with other inputs">
          <SkeletonLines />
        </Dialog>
      }
    >
      {(data) => (
        <ForkForm
          run={run}
          inputs={inputsOf(data.definition as Playbook['definition'])}
          fromStep={fromStep}
          onClose={onClose}
        />
      )}
    </Answer>
  );
}

function ForkForm({ run, inputs, fromStep, onClose }: ForkDialogProps & { inputs: ReturnType<typeof inputsOf> }) {
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const steps = forkSteps(run);
  const [from, setFrom] = useState(steps.some(({ address }) => address === fromStep) ? (fromStep ?? '') : '');
  // What was given before; a secret is carried unless another is written here.
  const secrets = inputs.filter(({ name }) => run.inputs?.[name] === secretMark).map(({ name }) => name);
  const [values, setValues] = useState<Record<string, Json>>(() => ({
    ...defaultValues(inputs),
    ...Object.fromEntries(Object.entries(run.inputs ?? {}).filter(([, value]) => value !== secretMark)),
  }));
  const changed = forkInputs(inputs, run.inputs ?? {}, values);
  const start = useMutation({
    mutationFn: () =>
      api.rerunRun({
        params: { id: run.id },
        body: {
          ...(from && { fromStep: from }),
          ...(Object.keys(changed).length > 0 && { inputs: changed }),
          // The same definition, though it may have been saved anew since.
          ...(run.subject?.version ? { version: run.subject.version } : {}),
        },
      }),
    onSuccess: ({ runId }) => {
      onClose();
      go(`/runs/${runId}`);
    },
  });
  const kept = from
    ? steps.slice(
        0,
        steps.findIndex(({ address }) => address === from),
      )
    : [];
  const failure = start.error ? asFailure(start.error) : null;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={560}
      title="Run with other inputs"
      description={`A new run of ${run.title}${run.subject?.version ? `, version ${run.subject.version}` : ''}. This one stays as it is.`}
      foot={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={start.isPending}
            refusal={offline ?? refusal('runs:rerun')}
            onClick={() => start.mutate()}
          >
            {from ? 'Run from this step' : 'Run again'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3.5">
        <Field label="From">
          {() => (
            <Select
              label="From"
              value={from || 'beginning'}
              onValue={(value) => setFrom(value === 'beginning' ? '' : value)}
              options={[
                { value: 'beginning', label: 'The beginning' },
                ...steps.map(({ address, name, id }, index) => ({
                  value: address,
                  label: `${index + 1}. ${name ?? id}`,
                })),
              ]}
            />
          )}
        </Field>
        {kept.length > 0 && (
          <Note>
            {`${kept.map(({ name, id }) => name ?? id).join(', ')} ${kept.length === 1 ? 'is' : 'are'} not run again: what ${kept.length === 1 ? 'it' : 'they'} gave is kept, made with the inputs of before.`}
          </Note>
        )}
        {inputs.length > 0 ? (
          <InputFields
            inputs={inputs.map((input) =>
              secrets.includes(input.name)
                ? { ...input, required: false, description: 'Kept from the run before unless you write another.' }
                : input,
            )}
            values={values}
            onValues={setValues}
            faults={failure?.faults}
          />
        ) : (
          <p className="text-text-2">This playbook asks for nothing.</p>
        )}
        <FormFailure failure={failure} />
      </div>
    </Dialog>
  );
}
