import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../kit/api.ts';
import { useMay } from '../../kit/session.ts';
import { bytesText } from '../../kit/time.ts';
import { Button } from '../../ui/button.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useFieldSlot } from '../../ui/form.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope, type ShapeControlProps } from './form-context.ts';
import { looseText } from './loose-values.ts';

const MOST = 100;

/** A stored file, chosen from those there are, the newest first; or an expression that names one. */
export function ArtifactControl({ field, value, onValue }: ShapeControlProps) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const text = looseText(value);
  const [q, setQ] = useState('');
  const [isWritten, setWritten] = useState(text.includes('${{'));
  const mayRead = useMay('playbooks:read');
  const files = useQuery({
    queryKey: ['artifacts', 'picker', q],
    queryFn: ({ signal }) => api.listArtifacts({ query: { limit: MOST, q: q || undefined }, signal }),
    enabled: mayRead && !isWritten && !isReadOnly,
    placeholderData: (before) => before,
    staleTime: 10_000,
  });
  const set = (next: string) => onValue(next === '' && !field.isRequired ? undefined : next);
  if (isWritten || isReadOnly)
    return (
      <div className="flex flex-col items-start gap-1">
        <ExpressionInput
          id={slot.id}
          describedBy={slot.describedBy}
          invalid={slot.invalid}
          mode="template"
          value={text}
          onValue={set}
        />
        {!isReadOnly && (
          <Button size="sm" look="ghost" className="-ml-2" onClick={() => setWritten(false)}>
            Choose a stored file
          </Button>
        )}
      </div>
    );
  const found = files.data?.data ?? [];
  const isMore = files.data?.pagination.nextCursor !== null && files.data !== undefined;
  return (
    <div className="flex flex-col items-start gap-1">
      <Combobox
        id={slot.id}
        describedBy={slot.describedBy}
        invalid={slot.invalid || files.isError}
        value={text}
        onValue={(next) => set(next === NONE ? '' : next)}
        onSearch={setQ}
        placeholder={files.isError ? 'The stored files could not be read' : 'No file'}
        nothing={q ? 'No stored file is called so' : 'No file is stored yet'}
        options={[
          ...(text ? [{ value: NONE, label: 'No file' }] : []),
          ...(text && !found.some(({ name, id }) => name === text || id === text)
            ? [{ value: text, label: text, hint: q ? 'chosen' : 'not among the stored files' }]
            : []),
          ...found.map(({ name, bytes }) => ({ value: name, label: name, hint: bytesText(bytes) })),
        ]}
      />
      <span className="flex flex-wrap items-center gap-x-2 text-meta text-text-3">
        {isMore && <span>{`The newest ${MOST}; type to find others.`}</span>}
        <Button size="sm" look="ghost" className="-ml-2" onClick={() => setWritten(true)}>
          Write an expression
        </Button>
      </span>
    </div>
  );
}

/** Chosen to take the file away: no stored file can be called so. */
const NONE = '-none';
