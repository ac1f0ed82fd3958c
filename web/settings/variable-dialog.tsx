import { z } from 'zod';
import { ValueName, type Variable } from '#contracts/settings/settings.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { written } from './variable-values.ts';

/** Sets a variable. */
export function VariableDialog({
  variable,
  onClose,
  onSave,
}: {
  variable: Variable | null;
  onClose: () => void;
  onSave: (name: string, text: string, description: string | null) => Promise<void>;
}) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ name: ValueName, value: z.string(), description: z.string().max(500).optional() }),
    defaults: {
      name: variable?.name ?? '',
      value: variable ? written(variable.value) : '',
      description: variable?.description ?? '',
    },
    submit: ({ name, value, description }) => onSave(name, value, description || null),
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={variable ? `Change ${variable.name}` : 'Add variable'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Set variable
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        {!variable && (
          <Field label="Name" required error={errorOf('name')}>
            {(slot) => <Input {...slotProps(slot)} mono autoFocus {...form.register('name')} />}
          </Field>
        )}
        <Field label="Value" hint="JSON where it is JSON (5, true, a list), else text." error={errorOf('value')}>
          {(slot) => <Textarea {...slotProps(slot)} mono rows={3} {...form.register('value')} />}
        </Field>
        <Field label="Description" aside="optional" error={errorOf('description')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('description')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
