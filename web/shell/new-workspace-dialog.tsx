import { z } from 'zod';
import { Name } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';

/** Makes a workspace and goes there; who makes it owns it. */
export default function NewWorkspaceDialog({ onClose }: { onClose: () => void }) {
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ name: Name }),
    defaults: { name: '' },
    submit: async (body) => {
      const { slug } = await api.createWorkspace({ body });
      location.assign(`/w/${encodeURIComponent(slug)}`);
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title="New workspace"
      description="It keeps its own runs, servers, secrets and people. You become its owner."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void onSubmit()}>
            Create workspace
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <Field label="Name" required error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('name')} />}
        </Field>
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
