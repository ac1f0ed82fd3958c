import { type QueryDelivery, targetModes } from '#contracts/queries/delivery.ts';
import { exportFormatNames, exportFormats, type ExportFormat } from '#contracts/queries/export-formats.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { Segmented } from '../ui/choice.tsx';
import { WordsInput } from '../ui/combobox.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import type { AfterChoices } from './after-fields.tsx';
import { modeWords } from './after-words.ts';
import { NumberInput } from './alert-fields.tsx';
import { TargetCheck } from './target-check.tsx';
import { TargetKey } from './target-key.tsx';

const MB = 1_048_576;

interface DeliveryFieldsProps {
  delivery: QueryDelivery;
  onDelivery: (delivery: QueryDelivery) => void;
  choices: AfterChoices;
  target: QueryTarget;
  /** Of a field of this delivery. */
  faultOf: (field: string) => string | undefined;
  isConfirmed: boolean;
  onConfirm: (key: string, isConfirmed: boolean) => void;
}

/** Where the rows go, by the kind of place. */
export function DeliveryFields({
  delivery,
  onDelivery,
  choices,
  target,
  faultOf,
  isConfirmed,
  onConfirm,
}: DeliveryFieldsProps) {
  const format = delivery.kind !== 'data_extension' && (
    <Field label="As">
      {(slot) => (
        <Select
          id={slot.id}
          value={delivery.format}
          onValue={(next) => onDelivery({ ...delivery, format: next as ExportFormat })}
          options={exportFormatNames.map((name) => ({ value: name, label: exportFormats[name].title }))}
        />
      )}
    </Field>
  );
  switch (delivery.kind) {
    case 'mail':
      return (
        <>
          <Field label="To" required hint="Enter or comma adds the next address" error={faultOf('recipients')}>
            {(slot) => (
              <WordsInput
                id={slot.id}
                invalid={slot.invalid}
                describedBy={slot.describedBy}
                words={delivery.recipients}
                onWords={(recipients) => onDelivery({ ...delivery, recipients })}
                placeholder="ada@example.org"
              />
            )}
          </Field>
          <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            {format}
            <Field label="Attach up to" aside="MB" hint="0 to 20; above it, a link" error={faultOf('attachUpToBytes')}>
              {(slot) => (
                <NumberInput
                  {...slotProps(slot)}
                  value={delivery.attachUpToBytes / MB}
                  onNumber={(size) => onDelivery({ ...delivery, attachUpToBytes: Math.round(size * MB) })}
                />
              )}
            </Field>
          </div>
        </>
      );
    case 'webhook':
      return (
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="Channel" required hint="Of the kind webhook" error={faultOf('channelId')}>
            {(slot) => (
              <Select
                id={slot.id}
                invalid={slot.invalid}
                describedBy={slot.describedBy}
                value={delivery.channelId}
                onValue={(channelId) => onDelivery({ ...delivery, channelId })}
                options={choices.channels
                  .filter(({ kind }) => kind === 'webhook')
                  .map(({ id, name }) => ({ value: id, label: name }))}
              />
            )}
          </Field>
          {format}
        </div>
      );
    case 'sftp':
      return <SftpFields delivery={delivery} onDelivery={onDelivery} choices={choices} faultOf={faultOf} format={format} />; // prettier-ignore
    case 'data_extension':
      return (
        <>
          <Field
            label="Data extension"
            required
            hint="Of the business unit that the query runs in"
            error={faultOf('key')}
          >
            {(slot) => (
              <TargetKey
                slot={slot}
                target={target}
                value={delivery.key}
                onValue={(key) => onDelivery({ ...delivery, key })}
              />
            )}
          </Field>
          <div>
            <Segmented
              label="What becomes of the rows that are there"
              value={delivery.mode}
              onValue={(mode) => onDelivery({ ...delivery, mode })}
              options={targetModes.map((value) => ({ value, label: modeWords[value].label }))}
            />
          </div>
          <GuardFields delivery={delivery} onDelivery={onDelivery} faultOf={faultOf} />
          {delivery.key !== '' && (
            <TargetCheck
              target={target}
              delivery={delivery}
              isConfirmed={isConfirmed}
              fault={faultOf('confirmed')}
              onConfirm={(isYes) => onConfirm(delivery.key, isYes)}
            />
          )}
        </>
      );
  }
}

type Of<K extends QueryDelivery['kind']> = {
  delivery: Extract<QueryDelivery, { kind: K }>;
  onDelivery: (delivery: QueryDelivery) => void;
  faultOf: (field: string) => string | undefined;
};

function SftpFields({
  delivery,
  onDelivery,
  choices,
  faultOf,
  format,
}: Of<'sftp'> & { choices: AfterChoices; format: React.ReactNode }) {
  const text = (field: 'host' | 'fingerprint' | 'path') => ({
    value: delivery[field],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => onDelivery({ ...delivery, [field]: event.target.value }),
  });
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_96px] gap-3">
        <Field label="Host" required error={faultOf('host')}>
          {(slot) => <Input {...slotProps(slot)} mono placeholder="files.example.org" {...text('host')} />}
        </Field>
        <Field label="Port" error={faultOf('port')}>
          {(slot) => (
            <NumberInput
              {...slotProps(slot)}
              value={delivery.port}
              onNumber={(port) => onDelivery({ ...delivery, port })}
            />
          )}
        </Field>
      </div>
      <Field label="Signs in with" required error={faultOf('credentialId')}>
        {(slot) => (
          <Select
            id={slot.id}
            invalid={slot.invalid}
            describedBy={slot.describedBy}
            value={delivery.credentialId}
            onValue={(credentialId) => onDelivery({ ...delivery, credentialId })}
            options={choices.credentials.map(({ id, name, username }) => ({ value: id, label: name, hint: username }))}
          />
        )}
      </Field>
      <Field
        label="Key of the host"
        required
        hint="Its fingerprint, as its people tell it, or: ssh-keyscan host | ssh-keygen -lf -"
        error={faultOf('fingerprint')}
      >
        {(slot) => <Input {...slotProps(slot)} mono placeholder="SHA256:…" {...text('fingerprint')} />}
      </Field>
      <div className="grid grid-cols-[minmax(0,1fr)_128px] gap-3 max-sm:grid-cols-1">
        <Field
          label="Path"
          required
          hint="{date}, {time} (of the schedule, in its zone) and {run} are filled in. Its folder has to be there."
          error={faultOf('path')}
        >
          {(slot) => <Input {...slotProps(slot)} mono {...text('path')} />}
        </Field>
        {format}
      </div>
    </>
  );
}

function GuardFields({ delivery, onDelivery, faultOf }: Of<'data_extension'>) {
  const { guard } = delivery;
  return (
    <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
      <Field label="Rows, at least" error={faultOf('guard/atLeast')}>
        {(slot) => (
          <NumberInput
            {...slotProps(slot)}
            value={guard.atLeast}
            onNumber={(atLeast) => onDelivery({ ...delivery, guard: { ...guard, atLeast } })}
          />
        )}
      </Field>
      <Field label="At most" error={faultOf('guard/atMost')}>
        {(slot) => (
          <NumberInput
            {...slotProps(slot)}
            value={guard.atMost}
            onNumber={(atMost) => onDelivery({ ...delivery, guard: { ...guard, atMost } })}
          />
        )}
      </Field>
      <Field label="Away from last time" aside="%" hint="Empty: however far" error={faultOf('guard/withinPercent')}>
        {(slot) => (
          <NumberInput
            {...slotProps(slot)}
            value={guard.withinPercent ?? null}
            onNumber={(percent) =>
              onDelivery({ ...delivery, guard: { ...guard, withinPercent: Number.isNaN(percent) ? null : percent } })
            }
          />
        )}
      </Field>
    </div>
  );
}
