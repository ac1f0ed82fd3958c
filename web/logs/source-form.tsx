import { useState } from 'react';
import {
  type LogSourceAddress,
  logSenders,
  senderNames,
  type LogSender,
  type ShownLogSource,
} from '#contracts/logs/logs.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { SwitchRow } from '../ui/choice.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';

interface SourceFormProps {
  source: ShownLogSource | null;
  onClose: () => void;
  onSaved: (source: ShownLogSource, address: LogSourceAddress | null) => void;
}

/** Makes a log source, or changes one. */
export function SourceForm({ source, onClose, onSaved }: SourceFormProps) {
  const [name, setName] = useState(source?.name ?? '');
  const [description, setDescription] = useState(source?.description ?? '');
  const [sender, setSender] = useState<LogSender>(source?.sender ?? 'otel');
  const [timeZone, setTimeZone] = useState(source?.timeZone ?? 'UTC');
  const [enabled, setEnabled] = useState(source?.enabled ?? true);
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('logs:manage');
  const offline = useOffline();
  const save = async () => {
    const body = { name, description, sender, timeZone, enabled };
    await send(async () => {
      if (source)
        onSaved(await api.changeLogSource({ params: { id: source.id }, body, ifMatch: `"${source.version}"` }), null); // prettier-ignore
      else {
        const made = await api.createLogSource({ body });
        onSaved(made.source, made.address);
      }
    });
  };
  return (
    <DrawerForm
      title={source ? `Edit ${source.name}` : 'New log source'}
      act={source ? 'Save source' : 'Make source'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={name.trim() === ''}
      failure={failure}
      onClose={onClose}
      onSubmit={save}
    >
      <Field label="Name" required>
        {(slot) => (
          <Input {...slotProps(slot)} autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field label="What sends" hint="It decides which set-up is shown. Every form is understood at every address.">
        {(slot) => (
          <Select
            id={slot.id}
            value={sender}
            onValue={(value) => setSender(value as LogSender)}
            options={logSenders.map((value) => ({ value, label: senderNames[value] }))}
          />
        )}
      </Field>
      <Field label="Description">
        {(slot) => (
          <Input {...slotProps(slot)} value={description} onChange={(event) => setDescription(event.target.value)} />
        )}
      </Field>
      {sender === 'rsyslog' && (
        <Field label="Time zone" hint="Of hosts that write their local time without one, such as Europe/Berlin.">
          {(slot) => (
            <Input {...slotProps(slot)} value={timeZone} onChange={(event) => setTimeZone(event.target.value)} />
          )}
        </Field>
      )}
      {source && (
        <SwitchRow
          className="border-t border-line pt-4"
          label="Takes logs"
          hint="While it is off, senders are refused and nothing is written."
          checked={enabled}
          onChecked={setEnabled}
        />
      )}
    </DrawerForm>
  );
}
