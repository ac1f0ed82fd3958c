import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../../kit/api.ts';
import { Segmented } from '../../ui/choice.tsx';
import { slotProps, useFieldSlot } from '../../ui/form.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { Select } from '../../ui/select.tsx';

/** A date and time; it travels as an instant with the offset of this machine's zone. */
export function Instant({
  value,
  onValue,
  disabled,
}: {
  value: string;
  onValue: (value: string) => void;
  disabled: boolean;
}) {
  const slot = useFieldSlot();
  const at = value ? new Date(value) : null;
  const local =
    at && !Number.isNaN(at.getTime())
      ? new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
      : '';
  return (
    <Input
      {...slotProps(slot)}
      type="datetime-local"
      step={1}
      disabled={disabled}
      value={local}
      onChange={(event) => onValue(event.target.value ? new Date(event.target.value).toISOString() : '')}
    />
  );
}

/** A secret that is typed, or one of the workspace's by its name. */
export function SecretField({
  value,
  onValue,
  disabled,
}: {
  value: Json;
  onValue: (value: Json) => void;
  disabled: boolean;
}) {
  const slot = useFieldSlot();
  const isStored = value !== null && typeof value === 'object' && !Array.isArray(value) && 'ref' in value;
  const secrets = useQuery({
    queryKey: ['secrets'],
    queryFn: ({ signal }) => api.listSecrets({ signal }),
    retry: false,
  });
  const stored = secrets.data?.data ?? [];
  return (
    <div className="flex flex-col gap-1.5">
      {stored.length > 0 && (
        <Segmented
          label="Where the secret comes from"
          value={isStored ? 'stored' : 'typed'}
          onValue={(next) => onValue(next === 'stored' ? { ref: stored[0]?.name ?? '' } : null)}
          options={[
            { value: 'typed', label: 'Type it' },
            { value: 'stored', label: 'A stored one' },
          ]}
        />
      )}
      {isStored ? (
        <Select
          id={slot.id}
          disabled={disabled}
          value={String(value['ref'])}
          onValue={(ref) => onValue({ ref })}
          options={stored.map(({ name, description }) => ({
            value: name,
            label: name,
            hint: description ?? undefined,
          }))}
        />
      ) : (
        <Input
          {...slotProps(slot)}
          type="password"
          autoComplete="off"
          disabled={disabled}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onValue(event.target.value || null)}
        />
      )}
    </div>
  );
}

/** Any JSON. What cannot be read yet is kept as typed and said. */
export function JsonField({
  value,
  onValue,
  disabled,
}: {
  value: Json;
  onValue: (value: Json) => void;
  disabled: boolean;
}) {
  const slot = useFieldSlot();
  const [text, setText] = useState(() => (value === null ? '' : JSON.stringify(value, null, 2)));
  const [problem, setProblem] = useState('');
  return (
    <>
      <Textarea
        {...slotProps(slot)}
        mono
        rows={4}
        disabled={disabled}
        placeholder="{}"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          try {
            onValue(event.target.value.trim() ? (JSON.parse(event.target.value) as Json) : null);
            setProblem('');
          } catch {
            setProblem('This is no JSON yet.');
          }
        }}
      />
      {problem && <p className="mt-1 text-meta text-fail-fg">{problem}</p>}
    </>
  );
}
