import { Eye, Play } from 'lucide-react';
import { useState } from 'react';
import type { Json } from '#contracts/kit/schemas.ts';
import type { Input as InputDef } from '#contracts/playbooks/document.ts';
import type { Plan } from '#contracts/playbooks/playbooks.ts';
import type { z } from 'zod';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { useGo } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { InputFields } from './input-fields.tsx';
import { defaultValues, givenValues } from './input-values.ts';
import { PlanView } from './plan-view.tsx';
import { inputsOf, usePlaybook } from './playbooks.ts';

interface RunDialogProps {
  playbookId: string;
  isOpen: boolean;
  onClose: () => void;
  /** The draft differs from what is saved: the run takes what is saved, and says so. */
  isDirty?: boolean;
  /** Values that inputs begin with instead of their defaults. */
  given?: Readonly<Record<string, Json>>;
  /** Called with the run instead of going to it. */
  onStarted?: ((runId: string) => void) | undefined;
}

/** Asks for the inputs that a playbook declares, shows what would happen, and runs it. */
export function RunDialog({ playbookId, isOpen, onClose, isDirty = false, given, onStarted }: RunDialogProps) {
  const playbook = usePlaybook(playbookId);
  return isOpen ? (
    <Answer
      of={playbook}
      what="The playbook"
      waiting={
        <Dialog isOpen onClose={onClose} title="Run">
          <SkeletonLines />
        </Dialog>
      }
    >
      {(data) => (
        <RunForm
          id={data.id}
          name={data.name}
          version={data.version}
          inputs={inputsOf(data.definition)}
          onClose={onClose}
          isDirty={isDirty}
          given={given}
          onStarted={onStarted}
        />
      )}
    </Answer>
  ) : null;
}

function RunForm({
  id,
  name,
  version,
  inputs,
  onClose,
  isDirty,
  given,
  onStarted,
}: {
  id: string;
  name: string;
  version: number;
  inputs: readonly InputDef[];
  onClose: () => void;
  isDirty: boolean;
  given: RunDialogProps['given'];
  onStarted: RunDialogProps['onStarted'];
}) {
  const go = useGo();
  const refusal = useRefusal();
  const offline = useOffline();
  const [values, setValues] = useState<Record<string, Json>>(() => ({ ...defaultValues(inputs), ...given }));
  const [title, setTitle] = useState('');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState<'run' | 'plan' | ''>('');
  const [plan, setPlan] = useState<z.output<typeof Plan> | null>(null);
  const act = async (what: 'run' | 'plan') => {
    setBusy(what);
    setFailure(null);
    const body = { inputs: givenValues(inputs, values), version, title: title.trim() || undefined };
    try {
      if (what === 'plan') setPlan(await api.planPlaybook({ params: { id }, body }));
      else {
        const { runId } = await api.runPlaybook({ params: { id }, body });
        onClose();
        if (onStarted) onStarted(runId);
        else go(`/runs/${runId}`);
      }
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy('');
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={plan ? 760 : 560}
      title={`Run ${name}`}
      description={`Version ${version}`}
      foot={
        <>
          <Button
            icon={Eye}
            busy={busy === 'plan'}
            refusal={refusal('playbooks:read')}
            onClick={() => void act('plan')}
          >
            Dry run
          </Button>
          <Button
            look="primary"
            icon={Play}
            busy={busy === 'run'}
            refusal={offline ?? refusal('playbooks:run')}
            onClick={() => void act('run')}
          >
            Run
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          void act('run');
        }}
      >
        {isDirty && <Note tone="wait">{`Your changes are not saved. This runs version ${version}.`}</Note>}
        <InputFields inputs={inputs} values={values} onValues={setValues} faults={failure?.faults} />
        {inputs.length === 0 && <p className="text-text-2">This playbook asks for nothing.</p>}
        <Field label="Title of the run" aside="optional">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              placeholder={name}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={failure} />
        {plan && <PlanView plan={plan} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
