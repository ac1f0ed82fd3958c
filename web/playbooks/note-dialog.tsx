import { Save } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';

interface NoteDialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  onSave: (note: string) => void;
}

/** Asks one line about a version before it is saved. */
export function NoteDialog({ isOpen, onClose, title, onSave }: NoteDialogProps) {
  const [note, setNote] = useState('');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={title}
      width={440}
      foot={
        <>
          <Button onClick={onClose}>Keep writing</Button>
          <Button look="primary" icon={Save} onClick={() => onSave(note)}>
            Save
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(note);
        }}
      >
        <Field label="What has changed" aside="optional" hint="One line, shown beside the version.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              autoFocus
              maxLength={500}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
