import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../kit/api.ts';
import { useMay } from '../../kit/session.ts';
import { Button } from '../../ui/button.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useFieldSlot } from '../../ui/form.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { useFormScope, type ShapeControlProps } from './form-context.ts';
import { looseText } from './loose-values.ts';

const MOST = 100;

/** One of what the workspace has: what the document calls it by, and what is shown of it. */
interface Named {
  readonly value: string;
  readonly label: string;
  readonly hint: string;
}
interface Source {
  readonly permission: 'connections:read' | 'queries:read';
  readonly find: (q: string, signal: AbortSignal) => Promise<{ found: readonly Named[]; isMore: boolean }>;
  readonly words: { one: string; choose: string; none: string; away: string; unread: string };
}

const sources: Readonly<Record<'connection' | 'query', Source>> = {
  connection: {
    permission: 'connections:read',
    find: async (q, signal) => {
      const { data, pagination } = await api.listConnections({ query: { limit: MOST, q: q || undefined }, signal });
      const found = data.map(({ name, kind, state }): Named => ({
        value: name,
        label: name,
        hint: state === 'connected' ? kind : `${kind}, ${state.replaceAll('_', ' ')}`,
      }));
      return { found, isMore: pagination.nextCursor !== null };
    },
    words: {
      one: 'No connection',
      choose: 'Choose a connection',
      none: 'No connection is called so',
      away: 'not among the connections',
      unread: 'The connections could not be read',
    },
  },
  query: {
    permission: 'queries:read',
    find: async (q, signal) => {
      const { data, pagination } = await api.listQueries({ query: { limit: MOST, q: q || undefined }, signal });
      // Where two have one name, the id says which is meant.
      const isAlone = (name: string): boolean => data.filter((other) => other.name === name).length === 1;
      const found = data.map(({ id, name, folder, engine, version }): Named => ({
        value: isAlone(name) ? name : id,
        label: name,
        hint: [folder, engine, `v${version}`].filter(Boolean).join(' · '),
      }));
      return { found, isMore: pagination.nextCursor !== null };
    },
    words: {
      one: 'No saved query',
      choose: 'Choose a saved query',
      none: 'No saved query is called so',
      away: 'not among the saved queries',
      unread: 'The saved queries could not be read',
    },
  },
};

/** A connection or a saved query, chosen from those there are; or, where the field takes one, an expression that names it. */
export function NamedControl({ of, field, value, onValue }: ShapeControlProps & { of: 'connection' | 'query' }) {
  const slot = useFieldSlot();
  const { isReadOnly } = useFormScope();
  const { permission, find, words } = sources[of];
  const text = looseText(value);
  const mayWrite = field.templates !== 'static';
  const [q, setQ] = useState('');
  const [isWritten, setWritten] = useState(text.includes('${{'));
  const mayRead = useMay(permission);
  const list = useQuery({
    queryKey: ['named', of, q],
    queryFn: ({ signal }) => find(q, signal),
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
            {words.choose}
          </Button>
        )}
      </div>
    );
  const found = list.data?.found ?? [];
  return (
    <div className="flex flex-col items-start gap-1">
      <Combobox
        id={slot.id}
        describedBy={slot.describedBy}
        invalid={slot.invalid || list.isError}
        value={text}
        onValue={(next) => set(next === NONE ? '' : next)}
        onSearch={setQ}
        placeholder={list.isError ? words.unread : words.one}
        nothing={words.none}
        options={[
          ...(text ? [{ value: NONE, label: words.one }] : []),
          ...(text && !found.some((one) => one.value === text)
            ? [{ value: text, label: text, hint: q ? 'chosen' : words.away }]
            : []),
          ...found,
        ]}
      />
      <span className="flex flex-wrap items-center gap-x-2 text-meta text-text-3">
        {list.data?.isMore && <span>{`The first ${MOST}; type to find others.`}</span>}
        {mayWrite && (
          <Button size="sm" look="ghost" className="-ml-2" onClick={() => setWritten(true)}>
            Write an expression
          </Button>
        )}
      </span>
    </div>
  );
}

/** Chosen to take the name away: nothing can be called so. */
const NONE = '\u0000none';
