import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type Impact,
  impacts,
  impactWords,
  type Phase,
  phases,
  phaseWords,
  PublishUpdate,
} from '#contracts/status-page/status-page.ts';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { PublishedUpdates } from './published-updates.tsx';

interface PublishDialogProps {
  services: ReadonlyArray<{ service: string; name: string }>;
  /** Of which incident; asked for where absent. */
  incident?: { id: string; key: string; title: string; service: string | null };
  onClose: () => void;
}

/** Tells the public about an incident, in words that are written for it. */
export function PublishDialog({ services, incident, onClose }: PublishDialogProps) {
  const client = useQueryClient();
  const active = useQuery({
    queryKey: ['incidents', 'to-publish'],
    queryFn: ({ signal }) => api.listIncidents({ query: { state: 'active', limit: 100 }, signal }),
    enabled: incident === undefined,
  });
  const [incidentId, setIncidentId] = useState(incident?.id ?? '');
  const before = useQuery({
    queryKey: ['status-updates', incidentId],
    queryFn: ({ signal }) => api.listPublishedUpdates({ params: { id: incidentId }, signal }),
    enabled: incidentId !== '',
  });
  const own = services.some(({ service }) => service === incident?.service) ? [incident?.service ?? ''] : [];
  const [draft, setDraft] = useState({
    title: '',
    phase: 'investigating' as Phase,
    impact: 'degraded' as Impact,
    services: own,
    text: '',
  });
  const { busy, failure, send } = useSending();
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const last = before.data?.data[0];
  // What the public has read before keeps its title unless another one is written.
  const parsed = PublishUpdate.safeParse({ ...draft, title: draft.title.trim() || last?.title || '' });
  const publish = async () => {
    if (!parsed.success || incidentId === '') return;
    await send(async () => {
      await api.publishUpdate({ params: { id: incidentId }, body: parsed.data });
      toast.done('The status page tells it');
      await client.invalidateQueries({ queryKey: ['status-updates', incidentId] });
      onClose();
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={520}
      title="Publish an update"
      description="Everybody can read it. Nothing of the incident itself goes with it."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={busy}
            disabled={!parsed.success || incidentId === ''}
            onClick={() => void publish()}
          >
            Publish
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {incident === undefined && (
          <Field label="Incident" required>
            {(slot) => (
              <Combobox
                id={slot.id}
                value={incidentId}
                onValue={setIncidentId}
                placeholder="Which incident"
                options={(active.data?.data ?? []).map(({ id, key, title }) => ({
                  value: id,
                  label: `${key} ${title}`,
                }))}
              />
            )}
          </Field>
        )}
        <Field label="Title for the public" required={!last} hint={last && `Empty: “${last.title}” as before.`}>
          {(slot) => (
            <Input {...slotProps(slot)} value={draft.title} onChange={(event) => set({ title: event.target.value })} />
          )}
        </Field>
        <div className="overflow-x-auto">
          <Segmented
            label="How far it is"
            value={draft.phase}
            onValue={(phase) => set({ phase })}
            options={phases.map((value) => ({ value, label: phaseWords[value] }))}
          />
        </div>
        <Field label="What people notice">
          {(slot) => (
            <Select
              id={slot.id}
              value={draft.impact}
              onValue={(impact) => set({ impact: impacts.find((one) => one === impact) ?? 'degraded' })}
              options={impacts.map((value) => ({ value, label: impactWords[value] }))}
            />
          )}
        </Field>
        {services.length > 0 && (
          <fieldset>
            <legend className="mb-1 text-meta font-medium">Services</legend>
            <div className="flex flex-wrap gap-x-4 gap-y-1.5">
              {services.map(({ service, name }) => (
                <Checkbox
                  key={service}
                  label={name}
                  checked={draft.services.includes(service)}
                  onChecked={(on) =>
                    set({
                      services: on ? [...draft.services, service] : draft.services.filter((other) => other !== service),
                    })
                  }
                />
              ))}
            </div>
          </fieldset>
        )}
        <Field label="What to tell" required>
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              rows={4}
              value={draft.text}
              onChange={(event) => set({ text: event.target.value })}
            />
          )}
        </Field>
        {failure && <FormFailure failure={failure} />}
        <PublishedUpdates incidentId={incidentId} updates={before.data?.data ?? []} />
      </div>
    </Dialog>
  );
}
