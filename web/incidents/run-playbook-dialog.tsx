import { useState } from 'react';
import { PlaybookPicker } from '../playbooks/playbook-picker.tsx';
import { RunDialog } from '../playbooks/run-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/form.tsx';

interface RunPlaybookDialogProps {
  incidentKey: string;
  onClose: () => void;
  /** The run that was begun. */
  onStarted: (runId: string) => void;
}

/** Chooses a playbook and runs it for an incident. */
export function RunPlaybookDialog({ incidentKey, onClose, onStarted }: RunPlaybookDialogProps) {
  const [chosen, setChosen] = useState('');
  const [isAsked, setAsked] = useState(false);
  if (isAsked) return <RunDialog playbookId={chosen} isOpen onClose={onClose} onStarted={onStarted} />;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={420}
      title={`Run a playbook for ${incidentKey}`}
      description="Its run is linked here and shows in the timeline."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={chosen === ''} onClick={() => setAsked(true)}>
            Continue
          </Button>
        </>
      }
    >
      <Field label="Playbook" required>
        {(slot) => <PlaybookPicker id={slot.id} value={chosen} onValue={setChosen} />}
      </Field>
    </Dialog>
  );
}
