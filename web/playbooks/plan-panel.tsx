import { useMutation } from '@tanstack/react-query';
import { Eye } from 'lucide-react';
import { useState } from 'react';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { FormFailure } from '../ui/form.tsx';
import { InputFields } from './input-fields.tsx';
import { defaultValues, givenValues } from './input-values.ts';
import type { Reading } from './document/read-playbook.ts';
import { PlanView } from './plan-view.tsx';

/** A dry run of the text as it stands here, saved or not: hosts, rendered commands, what would be asked. It changes nothing. */
export function PlanPanel({ playbookId, yaml, reading }: { playbookId: string; yaml: string; reading: Reading }) {
  const declared = reading.inputs;
  const [values, setValues] = useState<Record<string, Json>>(() => defaultValues(declared));
  const plan = useMutation({
    mutationFn: () =>
      api.planPlaybook({ params: { id: playbookId }, body: { yaml, inputs: givenValues(declared, values) } }),
  });
  const failure = plan.error ? asFailure(plan.error) : null;
  return (
    <div className="grid grid-cols-[288px_minmax(0,1fr)] gap-4 p-4 max-sm:grid-cols-1">
      <form
        className="flex flex-col gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          plan.mutate();
        }}
      >
        {declared.length === 0 ? (
          <p className="text-meta text-text-2">This playbook asks for nothing.</p>
        ) : (
          <InputFields inputs={declared} values={values} onValues={setValues} faults={failure?.faults} />
        )}
        <Button type="submit" icon={Eye} busy={plan.isPending} className="self-start">
          Dry run
        </Button>
      </form>
      <div className="min-w-0">
        <FormFailure failure={failure} />
        {plan.data && <PlanView plan={plan.data} />}
        {!plan.data && !failure && (
          <p className="text-meta text-text-3">
            Shows the hosts, the rendered commands and who would be asked. Nothing runs.
          </p>
        )}
      </div>
    </div>
  );
}
