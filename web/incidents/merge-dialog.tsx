import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownIncident } from '#contracts/incidents/incidents.ts';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { Button } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';
import { severityWords } from './incident-words.ts';

interface MergeDialogProps {
  incident: ShownIncident;
  onClose: () => void;
  onMerged: (incident: ShownIncident) => void;
}

/** Merges an incident into another that is still worked on. */
export function MergeDialog({ incident, onClose, onMerged }: MergeDialogProps) {
  const [search, setSearch] = useState('');
  const [into, setInto] = useState('');
  const [reason, setReason] = useState('');
  const { busy, failure, send } = useSending();
  const found = useQuery({
    queryKey: ['incidents', 'mergeable', search],
    queryFn: ({ signal }) =>
      api.listIncidents({ query: { state: 'active', search: search.trim() || undefined, limit: 50 }, signal }),
    placeholderData: (before) => before,
  });
  const others = (found.data?.data ?? []).filter(({ id }) => id !== incident.id);
  const merge = async () => {
    await send(async () => {
      const merged = await api.mergeIncident({
        params: { id: incident.id },
        body: { into, version: incident.version, ...(reason.trim() && { reason: reason.trim() }) },
      });
      onMerged(merged);
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={480}
      title={`Merge ${incident.key} into another`}
      description="Its alerts, links and responders go with it. Its own story stays readable, and it ends."
      foot={
        <>
          <Button onClick={onClose}>Keep it apart</Button>
          <Button look="primary" busy={busy} disabled={into === ''} onClick={() => void merge()}>
            Merge incident
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label="Into" required>
          {(slot) => (
            <Combobox
              id={slot.id}
              value={into}
              onValue={setInto}
              onSearch={setSearch}
              nothing="No other incident is worked on"
              options={others.map(({ id, key, title, severity }) => ({
                value: id,
                label: `${key} ${title}`,
                hint: severityWords[severity],
              }))}
            />
          )}
        </Field>
        <Field label="Why" aside="optional">
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              rows={2}
              maxLength={2_000}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={failure} />
      </div>
    </Dialog>
  );
}
