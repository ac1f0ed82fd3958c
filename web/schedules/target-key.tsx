import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { api } from '../kit/api.ts';
import { Combobox } from '../ui/combobox.tsx';
import { Input } from '../ui/input.tsx';
import { slotProps } from '../ui/form.tsx';

interface TargetKeyProps {
  slot: Parameters<typeof slotProps>[0];
  target: QueryTarget;
  value: string;
  onValue: (key: string) => void;
}

/** A data extension of the unit by name; by its key, where the connection of the query is not known. */
export function TargetKey({ slot, target, value, onValue }: TargetKeyProps) {
  const [q, setQ] = useState('');
  const query = useQuery({
    queryKey: ['queries', target.id],
    queryFn: ({ signal }) => api.getQuery({ params: { id: target.id }, signal }),
  });
  const connectionId = target.connectionId ?? query.data?.body.connectionId ?? null;
  const unit = target.unit ?? (target.connectionId ? undefined : query.data?.body.unit) ?? undefined;
  const objects = useQuery({
    queryKey: ['connection', connectionId, 'objects', unit, 'targets', q],
    queryFn: ({ signal }) =>
      api.listConnectionObjects({
        params: { id: connectionId ?? '' },
        query: { unit, q: q || undefined, limit: 50 },
        signal,
      }),
    enabled: connectionId !== null,
  });
  if (connectionId === null)
    return (
      <Input
        {...slotProps(slot)}
        mono
        placeholder="Its external key"
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
    );
  const options = (objects.data?.data ?? []).flatMap(({ id, kind, name }) =>
    kind === 'table' && id.startsWith('de:')
      ? [{ value: id.slice(3), label: name, hint: id.slice(3) === name ? undefined : id.slice(3) }]
      : [],
  );
  const shown = value === '' || options.some((option) => option.value === value) ? options : [{ value, label: value, hint: undefined }, ...options]; // prettier-ignore
  return (
    <Combobox
      id={slot.id}
      invalid={slot.invalid}
      describedBy={slot.describedBy}
      value={value}
      onValue={onValue}
      onSearch={setQ}
      nothing={
        objects.isLoading
          ? 'Looking…'
          : objects.data?.schema.isReading
            ? 'The data extensions are still being read'
            : 'No data extension is called so'
      }
      options={shown.map(({ hint, ...option }) => ({ ...option, ...(hint !== undefined && { hint }) }))}
    />
  );
}
