import { useState } from 'react';
import { type IncidentSeverity, incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { ChangeIncident, ShownIncident } from '#contracts/incidents/incidents.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { severityHints, severityWords } from './incident-words.ts';

interface EditDialogProps {
  incident: ShownIncident;
  onClose: () => void;
  /** Answers whether it was taken; where it was not, what stands is shown behind and the dialog stays. */
  change: (changes: ChangeIncident, words: string) => Promise<boolean>;
}

/** Changes what an incident says of itself. Only what was changed here is sent. */
export function EditDialog({ incident, onClose, change }: EditDialogProps) {
  const [title, setTitle] = useState(incident.title);
  const [service, setService] = useState(incident.service ?? '');
  const [severity, setSeverity] = useState<IncidentSeverity>(incident.severity);
  const [description, setDescription] = useState(incident.description);
  const [busy, setBusy] = useState(false);
  const changes: ChangeIncident = {
    ...(title.trim() !== incident.title && { title: title.trim() }),
    ...(service.trim() !== (incident.service ?? '') && { service: service.trim() || null }),
    ...(severity !== incident.severity && { severity }),
    ...(description !== incident.description && { description }),
  };
  const save = async () => {
    if (busy || !title.trim()) return;
    setBusy(true);
    const isTaken = Object.keys(changes).length === 0 || (await change(changes, `${incident.key} is changed`));
    setBusy(false);
    if (isTaken) onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={520}
      title={`Edit ${incident.key}`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!title.trim()} onClick={() => void save()}>
            Save incident
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="grid grid-cols-2 gap-3 max-sm:grid-cols-1"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Title" required className="col-span-full" error={title.trim() ? undefined : 'It needs a title.'}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={title}
              maxLength={300}
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <Field label="Severity" hint={severityHints[severity]}>
          {(slot) => (
            <Select
              id={slot.id}
              describedBy={slot.describedBy}
              value={severity}
              onValue={(value) => setSeverity(incidentSeverities.find((one) => one === value) ?? severity)}
              options={incidentSeverities.map((one) => ({ value: one, label: severityWords[one] }))}
            />
          )}
        </Field>
        <Field label="Service" aside="optional">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={service}
              maxLength={120}
              onChange={(event) => setService(event.target.value)}
            />
          )}
        </Field>
        <Field label="What is known" aside="Markdown" className="col-span-full">
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              rows={8}
              maxLength={20_000}
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
