import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Input as InputDef } from '#contracts/playbooks/document.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import type { FieldFault } from '../kit/failure.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Checkbox, Radio, Segmented, Switch } from '../ui/choice.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Field, slotProps, useFieldSlot } from '../ui/form.tsx';
import { Input, Stepper, Textarea } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { defaultOf, optionOf } from './input-values.ts';
import { useVisibleInputs } from './use-visible-inputs.ts';
export { defaultValues } from './input-values.ts';

type Values = Record<string, Json>;

interface InputFieldsProps {
  inputs: readonly InputDef[];
  values: Values;
  onValues: (values: Values) => void;
  /** The server's refusals: `/inputs/<name>[/…]`. */
  faults?: readonly FieldFault[] | undefined;
  disabled?: boolean;
}

/** What a pointer like `/inputs/host` or `inputs.host` says of the field of that name. */
const faultOf = (faults: readonly FieldFault[], name: string): string | undefined =>
  faults.find(({ path }) => {
    const parts = path.split(/[/.[\]]+/).filter(Boolean);
    return parts.includes(name) && ['inputs', 'form', 'body'].includes(parts[0] ?? '') ? true : parts[0] === name;
  })?.message;

/** A form drawn from declared inputs: of a playbook's start, of an approval. Hidden inputs are not asked. */
export function InputFields({ inputs, values, onValues, faults = [], disabled = false }: InputFieldsProps) {
  const visible = useVisibleInputs(inputs, values);
  const groups = Map.groupBy(visible, ({ group }) => group ?? '');
  return [...groups].map(([group, inGroup]) => (
    <fieldset key={group} className="flex min-w-0 flex-col gap-3.5">
      {group && <legend className="mb-2 font-semibold">{group}</legend>}
      {inGroup.map((input) => (
        <Field
          key={input.name}
          label={input.label ?? input.name}
          required={input.required === true}
          aside={input.required ? undefined : input.type === 'boolean' ? undefined : 'optional'}
          hint={input.description}
          error={faultOf(faults, input.name)}
        >
          <Control
            input={input}
            value={values[input.name] ?? null}
            onValue={(value) => onValues({ ...values, [input.name]: value })}
            disabled={disabled}
          />
        </Field>
      ))}
    </fieldset>
  ));
}

interface ControlProps {
  input: Omit<InputDef, 'name'> & { name?: string };
  value: Json;
  onValue: (value: Json) => void;
  disabled: boolean;
}

function Control({ input, value, onValue, disabled }: ControlProps) {
  const slot = useFieldSlot();
  const label = input.label ?? input.name ?? 'Value';
  const text = typeof value === 'string' ? value : '';
  const setText = (next: string) => onValue(next === '' && !input.required ? null : next);
  const type = input.secret && (input.type === 'string' || input.type === 'text') ? 'secret' : input.type;
  switch (type) {
    case 'text':
      return (
        <Textarea
          {...slotProps(slot)}
          mono={Boolean(input.language)}
          rows={4}
          disabled={disabled}
          placeholder={input.placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      );
    case 'integer':
      return (
        <Stepper
          id={slot.id}
          disabled={disabled}
          value={typeof value === 'number' ? value : Number.NaN}
          min={numberOf(input.min)}
          max={numberOf(input.max)}
          onValue={(next) => onValue(Number.isFinite(next) ? Math.trunc(next) : null)}
        />
      );
    case 'number':
      return (
        <Input
          {...slotProps(slot)}
          type="number"
          step={input.step ?? 'any'}
          min={numberOf(input.min)}
          max={numberOf(input.max)}
          disabled={disabled}
          value={typeof value === 'number' ? value : ''}
          onChange={(event) => onValue(Number.isFinite(event.target.valueAsNumber) ? event.target.valueAsNumber : null)}
        />
      );
    case 'boolean':
      return <Switch label={label} disabled={disabled} checked={value === true} onChecked={onValue} />;
    case 'date':
      return (
        <Input
          {...slotProps(slot)}
          type="date"
          min={textOf(input.min)}
          max={textOf(input.max)}
          disabled={disabled}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      );
    case 'datetime':
      return <Instant value={text} onValue={setText} disabled={disabled} />;
    case 'secret':
      return <SecretField value={value} onValue={onValue} disabled={disabled} />;
    case 'choice':
      return <Choice input={input} value={text} onValue={setText} disabled={disabled} label={label} />;
    case 'multi_choice':
      return (
        <ManyOf
          options={(input.options ?? []).map(optionOf)}
          value={Array.isArray(value) ? value.map(String) : []}
          onValue={onValue}
          disabled={disabled}
        />
      );
    case 'server':
      return <ServerPicker input={input} value={text} onValue={setText} disabled={disabled} />;
    case 'servers':
      return (
        <ServersPicker
          input={input}
          value={Array.isArray(value) ? value.map(String) : []}
          onValue={onValue}
          disabled={disabled}
        />
      );
    case 'object':
      if (input.fields)
        return <ObjectFields fields={input.fields} value={value} onValue={onValue} disabled={disabled} />;
      return <JsonField value={value} onValue={onValue} disabled={disabled} />;
    case 'list':
      return (
        <ListField input={input} value={Array.isArray(value) ? value : []} onValue={onValue} disabled={disabled} />
      );
    default:
      return (
        <Input
          {...slotProps(slot)}
          disabled={disabled}
          placeholder={input.placeholder ?? (type === 'duration' ? '10m' : undefined)}
          mono={type === 'duration' || Boolean(input.format)}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      );
  }
}

const numberOf = (limit: number | string | undefined): number | undefined =>
  typeof limit === 'number' ? limit : undefined;
const textOf = (limit: number | string | undefined): string | undefined =>
  typeof limit === 'string' ? limit : undefined;

/** A date and time; it travels as an instant with the offset of this machine's zone. */
function Instant({ value, onValue, disabled }: { value: string; onValue: (value: string) => void; disabled: boolean }) {
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

function SecretField({ value, onValue, disabled }: { value: Json; onValue: (value: Json) => void; disabled: boolean }) {
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

function Choice({
  input,
  value,
  onValue,
  disabled,
  label,
}: {
  input: ControlProps['input'];
  value: string;
  onValue: (value: string) => void;
  disabled: boolean;
  label: string;
}) {
  const slot = useFieldSlot();
  const options = (input.options ?? []).map(optionOf);
  const isShort = options.every((option) => option.label.length < 16 && !option.description);
  if (options.length <= 4 && isShort && !disabled)
    return (
      <Segmented
        label={label}
        value={value}
        onValue={onValue}
        options={options.map((option) => ({ value: option.value, label: option.label }))}
      />
    );
  if (options.length <= 7)
    return (
      <Radio
        label={label}
        value={value || undefined}
        onValue={onValue}
        disabled={disabled}
        options={options.map((option) => ({ value: option.value, label: option.label, hint: option.description }))}
      />
    );
  return (
    <Combobox
      id={slot.id}
      value={value}
      onValue={onValue}
      disabled={disabled}
      options={options.map((option) => ({ value: option.value, label: option.label, hint: option.description }))}
    />
  );
}

function ManyOf({
  options,
  value,
  onValue,
  disabled,
}: {
  options: ReturnType<typeof optionOf>[];
  value: readonly string[];
  onValue: (value: string[]) => void;
  disabled: boolean;
}) {
  return (
    <div className="flex flex-col gap-1.5">
      {options.map((option) => (
        <Checkbox
          key={option.value}
          disabled={disabled}
          label={option.label}
          checked={value.includes(option.value)}
          onChecked={(on) => onValue(on ? [...value, option.value] : value.filter((other) => other !== option.value))}
        />
      ))}
    </div>
  );
}

/** The servers that may be chosen: narrowed by the tags that the input names. */
function useChoosable(input: ControlProps['input']) {
  const { data } = useQuery({
    queryKey: ['servers', 'choosable', input.tags ?? []],
    queryFn: ({ signal }) => api.listServers({ query: { limit: 200, tag: input.tags?.join(',') }, signal }),
    staleTime: 60_000,
  });
  return (data?.data ?? []).filter(
    ({ tags }) =>
      (!input.anyTags || input.anyTags.some((tag) => tags.includes(tag))) &&
      !input.notTags?.some((tag) => tags.includes(tag)),
  );
}

function ServerPicker({
  input,
  value,
  onValue,
  disabled,
}: {
  input: ControlProps['input'];
  value: string;
  onValue: (value: string) => void;
  disabled: boolean;
}) {
  const slot = useFieldSlot();
  const servers = useChoosable(input);
  return (
    <Combobox
      id={slot.id}
      value={value}
      onValue={onValue}
      disabled={disabled}
      placeholder="Choose a server"
      nothing="No server fits"
      options={servers.map(({ name, health }) => ({ value: name, label: name, hint: health.replace('_', ' ') }))}
    />
  );
}

function ServersPicker({
  input,
  value,
  onValue,
  disabled,
}: {
  input: ControlProps['input'];
  value: readonly string[];
  onValue: (value: Json) => void;
  disabled: boolean;
}) {
  const servers = useChoosable(input);
  const names = servers.map(({ name }) => name);
  const all = names.length > 0 && names.every((name) => value.includes(name));
  return (
    <div className="max-h-48 overflow-auto rounded-md border border-line-input p-2">
      {servers.length === 0 && <p className="text-meta text-text-3">No server fits.</p>}
      {servers.length > 1 && (
        <div className="mb-1.5 border-b border-line pb-1.5">
          <Checkbox
            disabled={disabled}
            label={`All ${servers.length}`}
            checked={all ? true : value.length > 0 ? 'indeterminate' : false}
            onChecked={(on) => onValue(on ? names : [])}
          />
        </div>
      )}
      <div className="flex flex-col gap-1.5">
        {servers.map(({ name, host, health }) => (
          <Checkbox
            key={name}
            disabled={disabled}
            checked={value.includes(name)}
            onChecked={(on) => onValue(on ? [...value, name] : value.filter((other) => other !== name))}
            label={
              <span>
                {name} <span className="font-mono text-[11px] text-text-3">{host}</span>
                {health !== 'healthy' && <span className="ml-2 text-meta text-text-3">{health.replace('_', ' ')}</span>}
              </span>
            }
          />
        ))}
      </div>
    </div>
  );
}

function ObjectFields({
  fields,
  value,
  onValue,
  disabled,
}: {
  fields: readonly InputDef[];
  value: Json;
  onValue: (value: Json) => void;
  disabled: boolean;
}) {
  const map = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  return (
    <div className="flex flex-col gap-3 border-l-2 border-line pl-3">
      {fields.map((field) => (
        <Field
          key={field.name}
          label={field.label ?? field.name}
          hint={field.description}
          required={field.required === true}
        >
          <Control
            input={field}
            value={map[field.name] ?? null}
            onValue={(next) => onValue({ ...map, [field.name]: next })}
            disabled={disabled}
          />
        </Field>
      ))}
    </div>
  );
}

/** Any JSON. What cannot be read yet is kept as typed and said. */
function JsonField({ value, onValue, disabled }: { value: Json; onValue: (value: Json) => void; disabled: boolean }) {
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

function ListField({
  input,
  value,
  onValue,
  disabled,
}: {
  input: ControlProps['input'];
  value: readonly Json[];
  onValue: (value: Json) => void;
  disabled: boolean;
}) {
  const items = input.items ?? { type: 'string' as const };
  const set = (index: number, next: Json) => onValue(value.map((old, at) => (at === index ? next : old)));
  const move = (index: number, step: number) => {
    const next = [...value];
    const [row] = next.splice(index, 1);
    if (row !== undefined) next.splice(index + step, 0, row);
    onValue(next);
  };
  return (
    <div className="flex flex-col gap-1.5">
      {value.map((row, index) => (
        <div key={index} className="flex items-start gap-1">
          <div className="min-w-0 flex-1">
            <Control input={items} value={row} onValue={(next) => set(index, next)} disabled={disabled} />
          </div>
          <IconButton
            size="sm"
            icon={ArrowUp}
            label="Up"
            disabled={disabled || index === 0}
            onClick={() => move(index, -1)}
          />
          <IconButton
            size="sm"
            icon={ArrowDown}
            label="Down"
            disabled={disabled || index === value.length - 1}
            onClick={() => move(index, 1)}
          />
          <IconButton
            size="sm"
            icon={Trash2}
            label="Remove"
            disabled={disabled}
            onClick={() => onValue(value.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <Button
        size="sm"
        icon={Plus}
        className="self-start"
        disabled={disabled || value.length >= (input.maxItems ?? 1_000)}
        onClick={() => onValue([...value, defaultOf(items)])}
      >
        Add
      </Button>
    </div>
  );
}
