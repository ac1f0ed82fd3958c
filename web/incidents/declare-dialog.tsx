import { useQuery } from '@tanstack/react-query';
import { PhoneCall } from 'lucide-react';
import { useState } from 'react';
import { type IncidentSeverity, incidentSeverities } from '#contracts/alerts/alert-rules.ts';
import type { ShownIncident } from '#contracts/incidents/incidents.ts';
import { AssetsField, type ChosenAsset } from '../assets/assets-field.tsx';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { useSending } from '../kit/use-sending.ts';
import { useOffline } from '../kit/live.tsx';
import { useMay, useRefusal } from '../kit/session.ts';
import { useOnCall, usePolicies } from '../oncall/oncall.ts';
import { policyStory, targetWords } from '../oncall/policy-words.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { severityHints, severityWords } from './incident-words.ts';

interface DeclareDialogProps {
  onClose: () => void;
  onDeclared: (incident: ShownIncident) => void;
}

/** Declares an incident. Who will be told is shown before it is sent. */
export function DeclareDialog({ onClose, onDeclared }: DeclareDialogProps) {
  const [title, setTitle] = useState('');
  const [severity, setSeverity] = useState<IncidentSeverity>('sev3');
  const [service, setService] = useState('');
  const [description, setDescription] = useState('');
  const [policyId, setPolicy] = useState('');
  const [serverId, setServer] = useState('');
  const [assets, setAssets] = useState<ChosenAsset[]>([]);
  const mayAssets = useMay('assets:read');
  const [isShort, setShort] = useState(false);
  const { busy, failure, send } = useSending();
  // The same key for the same dialog: pressed twice it is declared once.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const offline = useOffline();
  const refusal = useRefusal()('incidents:act');
  const policies = usePolicies().data?.data ?? [];
  const servers = useQuery({
    queryKey: ['servers', 'choosable'],
    queryFn: ({ signal }) => api.listServers({ query: { limit: 200 }, signal }),
    enabled: useMay('servers:read'),
  });
  const hosts = servers.data?.data ?? [];
  const declareIt = async () => {
    if (busy) return;
    if (!title.trim()) {
      setShort(true);
      return;
    }
    await send(async () => {
      const host = hosts.find(({ id }) => id === serverId);
      onDeclared(
        await api.openIncident({
          idempotencyKey,
          body: {
            title: title.trim(),
            description: description.trim(),
            severity,
            service: service.trim() || null,
            escalationPolicyId: policyId || null,
            links: [
              ...assets.map(({ id, name }) => ({ kind: 'asset' as const, ref: id, label: name })),
              ...(host ? [{ kind: 'server' as const, ref: host.id, label: host.name }] : []),
            ],
          },
        }),
      );
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={540}
      title="Declare an incident"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={busy}
            refusal={offline ?? refusal}
            keys="mod+enter"
            onClick={() => void declareIt()}
          >
            Declare incident
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="grid grid-cols-2 gap-3 max-sm:grid-cols-1"
        onSubmit={(event) => {
          event.preventDefault();
          void declareIt();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void declareIt();
        }}
      >
        <Field
          label="Title"
          required
          className="col-span-full"
          error={isShort && !title.trim() ? 'Say what is wrong in a few words.' : undefined}
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={title}
              maxLength={300}
              autoComplete="off"
              placeholder="Checkout p95 above 2 s in EU"
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
              onValue={(value) => setSeverity(incidentSeverities.find((one) => one === value) ?? 'sev3')}
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
              autoComplete="off"
              placeholder="checkout-api"
              onChange={(event) => setService(event.target.value)}
            />
          )}
        </Field>
        {mayAssets && (
          <Field label="Assets" aside="optional">
            {(slot) => <AssetsField id={slot.id} values={assets} onValues={setAssets} />}
          </Field>
        )}
        <Field label="Server" aside="optional">
          {(slot) => (
            <Combobox
              id={slot.id}
              value={serverId}
              onValue={setServer}
              placeholder="None in particular"
              nothing="There is no such server"
              options={hosts.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
        </Field>
        <Field label="Escalation policy" aside="optional" className={cx(mayAssets && 'col-span-full')}>
          {(slot) => (
            <Combobox
              id={slot.id}
              value={policyId}
              onValue={setPolicy}
              placeholder="Nobody is told by itself"
              nothing="There is no such policy"
              options={policies.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
        </Field>
        <Field label="What is known" aside="optional, Markdown" className="col-span-full">
          {(slot) => (
            <Textarea
              {...slotProps(slot)}
              rows={4}
              value={description}
              maxLength={20_000}
              onChange={(event) => setDescription(event.target.value)}
            />
          )}
        </Field>
        <div className="col-span-full flex flex-col gap-3">
          <WhoIsTold policyId={policyId} />
          <FormFailure failure={failure} />
        </div>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** Who is on call now, and whom the chosen policy tells, in order. */
function WhoIsTold({ policyId }: { policyId: string }) {
  const may = useMay('oncall:read');
  const oncall = useOnCall();
  const policies = usePolicies();
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: ({ signal }) => api.listChannels({ signal }),
    enabled: useMay('notifications:read'),
  });
  const schedules = oncall.data?.data ?? [];
  const people = oncall.data?.people ?? [];
  const policy = policies.data?.data.find(({ id }) => id === policyId);
  if (!may || (schedules.length === 0 && !policy)) return null;
  const nameOf = (id: string | null) => people.find((one) => one.id === id)?.name ?? 'nobody';
  const story = policy && policyStory(policy, targetWords({ people, schedules, channels: channels.data?.data ?? [] }));
  return (
    <Note>
      <Icon of={PhoneCall} size={14} className="mt-px" />
      <div className="min-w-0" data-testid="declare.oncall">
        {schedules.slice(0, 4).map(({ id, name, now }) => (
          <p key={id}>
            On call by <bdi>{name}</bdi>: <bdi className="font-medium text-text">{nameOf(now.personId)}</bdi>
          </p>
        ))}
        {story?.slice(0, 4).map(({ at, who }, index) => (
          <p key={index}>
            Told {at}: <bdi className="font-medium text-text">{who}</bdi>
          </p>
        ))}
      </div>
    </Note>
  );
}
