import { Checkbox, Radio, Segmented } from '../../ui/choice.tsx';
import { Combobox } from '../../ui/combobox.tsx';
import { useFieldSlot } from '../../ui/form.tsx';
import { optionOf } from '../input-values.ts';
import type { ControlProps } from './control-props.ts';

/** One of several: side by side where they are few and short, else a list, else found by typing. */
export function Choice({
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

/** Some of several. */
export function ManyOf({
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
