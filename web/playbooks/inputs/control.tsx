import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { Json } from '#contracts/kit/schemas.ts';
import type { Input as InputDef } from '#contracts/playbooks/document.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/choice.tsx';
import { Field, slotProps, useFieldSlot } from '../../ui/form.tsx';
import { Input, Stepper, Textarea } from '../../ui/input.tsx';
import { defaultOf, optionOf } from '../input-values.ts';
import { Choice, ManyOf } from './choice-inputs.tsx';
import type { ControlProps } from './control-props.ts';
import { Instant, JsonField, SecretField } from './plain-inputs.tsx';
import { ServerPicker, ServersPicker } from './server-inputs.tsx';

/** The control of one input, by its type. */
export function Control({ input, value, onValue, disabled }: ControlProps) {
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
