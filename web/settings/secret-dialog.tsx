import { z } from 'zod';
import { CreateSecret, type WorkspaceSecret } from '#contracts/settings/settings.ts';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';

/** Stores a secret, or replaces its value. */
export function SecretDialog({
  secret,
  onClose,
  onSaved,
}: {
  secret: WorkspaceSecret | null;
  onClose: () => void;
  onSaved: (name: string) => void;
}) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: secret ? CreateSecret.extend({ value: z.string().optional() }) : CreateSecret,
    defaults: { name: secret?.name ?? '', value: '', description: secret?.description ?? '' },
    submit: async (values) => {
      const { name, value, description } = values as { name: string; value?: string; description?: string | null };
      if (secret)
        await api.updateSecret({ params: { id: secret.id }, body: { value: value || undefined, description } });
      else await api.createSecret({ body: { name, value: value ?? '', description } });
      onSaved(name);
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={secret ? `Replace ${secret.name}` : 'Add secret'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Store secret
          </Button>
        </>
      }
    >
      <form noValidate autoComplete="off" onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        {!secret && (
          <Field label="Name" required error={errorOf('name')}>
            {(slot) => <Input {...slotProps(slot)} mono autoFocus {...form.register('name')} />}
          </Field>
        )}
        <Field
          label="Value"
          required={!secret}
          aside={secret ? 'leave empty to keep it' : undefined}
          error={errorOf('value')}
        >
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              mono
              rows={3}
              autoComplete="off"
              spellCheck={false}
              {...form.register('value')}
            />
          )}
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
