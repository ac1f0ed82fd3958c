import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Json } from '#contracts/playbooks/document.ts';
import type { Shape } from '#contracts/playbooks/shape/shape.ts';
import { api } from '../../kit/api.ts';
import { Button } from '../../ui/button.tsx';
import { Combobox, WordsInput } from '../../ui/combobox.tsx';
import { Field, useFieldSlot } from '../../ui/form.tsx';
import { ExpressionInput } from './expression-input.tsx';
import { fieldWord } from './field-words.ts';
import { useFormScope } from './form-context.ts';
import { matchingServers } from './matching-servers.ts';
import { asRecord, withPart } from './record-parts.ts';

interface HostsControlProps {
  value: Json | undefined;
  onValue: (value: Json | undefined) => void;
  shape: Extract<Shape, { is: 'object' }>;
}

const first = ['names', 'tags'];
const others = ['from', 'anyTags', 'notTags', 'notNames', 'order'];

/** Which servers: by name and by tag, with those that fit now named below. */
export function HostsControl({ value, onValue, shape }: HostsControlProps) {
  const slot = useFieldSlot();
  const { isReadOnly, errorAt, Part } = useFormScope();
  const map = asRecord(value);
  const [isWide, setWide] = useState(() => others.some((name) => map[name] !== undefined));
  const servers = useQuery({
    queryKey: ['servers', 'choosable', []],
    queryFn: ({ signal }) => api.listServers({ query: { limit: 200 }, signal }),
    staleTime: 60_000,
  });
  const tags = useQuery({
    queryKey: ['servers', 'tags'],
    queryFn: ({ signal }) => api.listTags({ signal }),
    staleTime: 60_000,
  });
  const known = servers.data?.data ?? [];
  const put = (name: string, part: Json | undefined) => onValue(withPart(map, name, part) ?? {});
  const suggestions = (name: string): { value: string; label: string; hint?: string }[] =>
    name === 'names' || name === 'notNames'
      ? known.map((server) => ({ value: server.name, label: server.name, hint: server.host }))
      : (tags.data?.data ?? []).map(({ tag, servers: count }) => ({
          value: tag,
          label: tag,
          hint: `${count} servers`,
        }));
  const matched = matchingServers(map, known);
  return (
    <div className="flex flex-col gap-2.5 border-l-2 border-line pl-3">
      {[...first, ...(isWide ? others : [])].map((name) => {
        const field = shape.fields[name];
        const part = map[name];
        if (!field) return null;
        const isList = part === undefined || part === null || Array.isArray(part);
        const words = Array.isArray(part) ? part.map(String) : [];
        return (
          <Field
            key={name}
            label={fieldWord(name)}
            error={errorAt('hosts', name)}
            hint={isWide ? field.help : undefined}
          >
            {(inner) =>
              name === 'order' ? (
                <Part name={name} field={field} value={part} onValue={(next) => put(name, next)} />
              ) : name === 'from' || !isList ? (
                <ExpressionInput
                  id={inner.id}
                  mode="template"
                  mono
                  placeholder="${{ inputs.servers }}"
                  value={Array.isArray(part) ? part.join(', ') : String(part ?? '')}
                  onValue={(text) => put(name, text === '' ? undefined : text)}
                />
              ) : (
                <div className="flex items-start gap-1">
                  <div className="min-w-0 flex-1">
                    <WordsInput
                      id={name === 'names' ? slot.id : inner.id}
                      disabled={isReadOnly}
                      describedBy={inner.describedBy}
                      words={words}
                      onWords={(next) => put(name, next.length === 0 ? undefined : next)}
                    />
                  </div>
                  {!isReadOnly && (
                    <div className="w-[92px] flex-none">
                      <Combobox
                        label={`Choose ${fieldWord(name).toLowerCase()}`}
                        value=""
                        placeholder="Choose"
                        nothing="None yet"
                        options={suggestions(name).filter((one) => !words.includes(one.value))}
                        onValue={(next) => put(name, [...words, next])}
                      />
                    </div>
                  )}
                </div>
              )
            }
          </Field>
        );
      })}
      <p className="text-meta text-text-3" data-testid="hosts.matched">
        {matched === null
          ? 'Which servers is known when it runs.'
          : matched.length === 0
            ? 'No server fits now.'
            : `${matched.length} ${matched.length === 1 ? 'server fits' : 'servers fit'} now: ${matched.slice(0, 4).join(', ')}${matched.length > 4 ? ' …' : ''}`}
      </p>
      {!isWide && (
        <Button size="sm" look="ghost" className="self-start" onClick={() => setWide(true)}>
          More ways to choose
        </Button>
      )}
    </div>
  );
}
