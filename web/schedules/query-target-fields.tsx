import { useQuery } from '@tanstack/react-query';
import type { GivenValue, ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import { api } from '../kit/api.ts';
import { Note } from '../ui/card.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';

/** What typed text gives to a parameter; empty text leaves it to its default. */
export function givenOf(
  text: string,
  { type, itemType }: Pick<ParameterDef, 'type' | 'itemType'>,
): GivenValue | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const numberOf = (word: string): number | string => (Number.isFinite(Number(word)) ? Number(word) : word);
  if (type === 'number') return numberOf(trimmed);
  if (type === 'boolean') return trimmed === 'true';
  if (type !== 'list') return text;
  const items = trimmed.split(/[\n,]/).flatMap((item) => item.trim() || []);
  return itemType === 'number' ? items.map(numberOf) : items;
}
const textOf = (value: GivenValue | undefined): string =>
  value === undefined || value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value);

interface QueryTargetFieldsProps {
  target: QueryTarget;
  onTarget: (target: QueryTarget) => void;
}

/** What a scheduled query is given: its parameters, and the span of time it looks at. */
export function QueryTargetFields({ target, onTarget }: QueryTargetFieldsProps) {
  const query = useQuery({
    queryKey: ['queries', target.id],
    queryFn: ({ signal }) => api.getQuery({ params: { id: target.id }, signal }),
  });
  if (query.error) return <Note tone="fail">The query is not there any more, or is private to somebody else.</Note>;
  if (!query.data) return null;
  const { body } = query.data;
  const needsWindow = body.engine === 'amc' || /\{\{\s*window\./.test(body.sql);
  const window = target.timeWindow ?? null;
  const setEnd = (side: 'from' | 'to', text: string) => {
    const next = { from: window?.from ?? '', to: window?.to ?? '', timeZone: window?.timeZone ?? 'UTC', [side]: text };
    onTarget({ ...target, timeWindow: next.from === '' && next.to === '' ? null : next });
  };
  if (body.parameters.length === 0 && !needsWindow) return null;
  return (
    <section aria-label="What the query is given" className="flex flex-col gap-3.5 border-t border-line pt-4">
      {body.parameters.map((def) => (
        <Field
          key={def.name}
          label={def.label ?? def.name}
          required={def.isRequired && def.default === undefined}
          aside={def.default === undefined ? undefined : `else ${textOf(def.default)}`}
          hint={
            def.description ??
            (def.type === 'date' || def.type === 'timestamp'
              ? 'A date, or words such as yesterday or today - 7d: read at each of its times.'
              : def.type === 'list'
                ? 'Several, apart by commas.'
                : undefined)
          }
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              value={textOf(target.parameters[def.name])}
              onChange={(event) => {
                const { [def.name]: _, ...others } = target.parameters;
                const value = givenOf(event.target.value, def);
                onTarget({ ...target, parameters: value === undefined ? others : { ...others, [def.name]: value } });
              }}
            />
          )}
        </Field>
      ))}
      {needsWindow && (
        <div className="grid grid-cols-2 gap-3">
          <Field label="Time window from" required hint="today - 14d">
            {(slot) => (
              <Input
                {...slotProps(slot)}
                mono
                value={window?.from ?? ''}
                onChange={(event) => setEnd('from', event.target.value)}
              />
            )}
          </Field>
          <Field label="to" required hint="today">
            {(slot) => (
              <Input
                {...slotProps(slot)}
                mono
                value={window?.to ?? ''}
                onChange={(event) => setEnd('to', event.target.value)}
              />
            )}
          </Field>
        </div>
      )}
    </section>
  );
}
