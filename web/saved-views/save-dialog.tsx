import { useState } from 'react';
import type { SavedView } from '#contracts/kit/saved-views.ts';
import { useOffline } from '../kit/live.tsx';
import { useSending } from '../kit/use-sending.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import type { ViewOperations } from './saved-views.tsx';

interface SaveDialogProps {
  query: string;
  save: ViewOperations['save'];
  example: string;
  onClose: () => void;
  onSaved: (view: SavedView) => void;
}

/** Asks for a view's name and whom it is for. */
export function SaveDialog({ query, save, example, onClose, onSaved }: SaveDialogProps) {
  const offline = useOffline();
  const [name, setName] = useState('');
  const [isShared, setShared] = useState(false);
  const { busy, failure, send } = useSending();
  const act = async () => {
    if (!name.trim()) return;
    await send(async () => {
      const view = await save({ name: name.trim(), query, isShared });
      toast.done(`${view.name} saved`);
      onSaved(view);
      onClose();
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={420}
      title="Save view"
      description="What narrows and orders the list, under a name."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} refusal={offline} disabled={!name.trim()} onClick={() => void act()}>
            Save view
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <Field label="Name" required error={failure?.message}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={name}
              maxLength={120}
              autoComplete="off"
              placeholder={example}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Checkbox checked={isShared} onChecked={setShared} label="Share with the workspace" />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
