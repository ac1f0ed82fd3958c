import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { AttributeName, type AttributeDef } from '#contracts/assets/asset-types.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';

interface AttributeFieldsProps {
  defs: readonly AttributeDef[];
  /** What stands in each field. */
  values: Readonly<Record<string, string>>;
  onValues: (values: Record<string, string>) => void;
  /** What the server refused, by attribute. */
  problems: unknown;
}

const hints: Partial<Record<AttributeDef['kind'], string>> = {
  list: 'Several, apart by semicolons.',
  date: 'Like 2027-04-30.',
};

/** The attributes of an asset: those of its type, then those it has beyond, and a line to add one. */
export function AttributeFields({ defs, values, onValues, problems }: AttributeFieldsProps) {
  const [name, setName] = useState('');
  const known = new Set(defs.map((def) => def.name));
  const others = Object.keys(values)
    .filter((other) => !known.has(other))
    .sort();
  const set = (attribute: string, value: string) => onValues({ ...values, [attribute]: value });
  const problemOf = (attribute: string): string | undefined => {
    const said =
      problems && typeof problems === 'object' ? (problems as Record<string, unknown>)[attribute] : undefined;
    return typeof said === 'string' ? said : undefined;
  };
  const isNew = AttributeName.safeParse(name).success && !(name in values) && !known.has(name);
  const add = () => {
    if (!isNew) return;
    set(name.trim(), '');
    setName('');
  };
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-2 font-semibold">Attributes</legend>
      {defs.map((def) => (
        <Field
          key={def.name}
          label={def.label || def.name}
          required={def.isRequired}
          aside={def.unit || undefined}
          hint={hints[def.kind]}
          error={problemOf(def.name)}
        >
          {(slot) =>
            def.kind === 'choice' || def.kind === 'boolean' ? (
              <Select
                id={slot.id}
                invalid={slot.invalid}
                describedBy={slot.describedBy}
                value={values[def.name] ?? ''}
                onValue={(value) => set(def.name, value)}
                options={[
                  { value: '', label: 'Not said' },
                  ...(def.kind === 'choice' ? def.choices : ['true', 'false']).map((value) => ({
                    value,
                    label: value === 'true' ? 'Yes' : value === 'false' ? 'No' : value,
                  })),
                ]}
              />
            ) : (
              <Input
                {...slotProps(slot)}
                type={def.kind === 'number' ? 'number' : def.kind === 'date' ? 'date' : 'text'}
                step="any"
                value={values[def.name] ?? ''}
                onChange={(event) => set(def.name, event.target.value)}
              />
            )
          }
        </Field>
      ))}
      {others.map((other) => (
        <div key={other} className="flex items-end gap-2">
          <Field label={other} className="flex-1" error={problemOf(other)}>
            {(slot) => (
              <Input
                {...slotProps(slot)}
                value={values[other] ?? ''}
                onChange={(event) => set(other, event.target.value)}
              />
            )}
          </Field>
          <IconButton
            icon={X}
            label={`Remove ${other}`}
            onClick={() => onValues(Object.fromEntries(Object.entries(values).filter(([kept]) => kept !== other)))}
          />
        </div>
      ))}
      <div className="flex items-end gap-2">
        <Field label="Another attribute" aside="optional" className="flex-1">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              mono
              placeholder="rack"
              value={name}
              onChange={(event) => setName(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return;
                event.preventDefault();
                add();
              }}
            />
          )}
        </Field>
        <Button icon={Plus} disabled={!isNew} onClick={add}>
          Add
        </Button>
      </div>
    </fieldset>
  );
}
