import { useState } from 'react';
import type { ChangeIncident, ShownIncident } from '#contracts/incidents/incidents.ts';
import type { DutyPerson } from '#contracts/oncall/oncall.ts';
import { Button } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/form.tsx';

interface HandOverDialogProps {
  incident: ShownIncident;
  people: readonly DutyPerson[];
  change: (changes: ChangeIncident, words: string) => Promise<boolean>;
  onClose: () => void;
}

/** Gives an incident to somebody. */
export function HandOverDialog({ incident, people, change, onClose }: HandOverDialogProps) {
  const [ownerId, setOwner] = useState(incident.owner?.id ?? '');
  const [busy, setBusy] = useState(false);
  const person = people.find(({ id }) => id === ownerId);
  const save = async () => {
    if (!person) return;
    setBusy(true);
    const isTaken = await change({ ownerId: person.id }, `${person.name} owns ${incident.key} now`);
    setBusy(false);
    if (isTaken) onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={420}
      title={`Hand over ${incident.key}`}
      description={incident.owner ? `${incident.owner.name} owns it now.` : 'Nobody owns it yet.'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={busy}
            disabled={!person || person.id === incident.owner?.id}
            onClick={() => void save()}
          >
            Hand over
          </Button>
        </>
      }
    >
      <Field label="Who owns it" required>
        {(slot) => (
          <Combobox
            id={slot.id}
            value={ownerId}
            onValue={setOwner}
            options={people.map(({ id, name, email }) => ({ value: id, label: name, hint: email }))}
          />
        )}
      </Field>
    </Dialog>
  );
}
