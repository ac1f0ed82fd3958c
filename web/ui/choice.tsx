import { Switch as RadixSwitch } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
// By itself it is small enough for the first page.
export { Segmented } from './segmented.tsx';

interface CheckboxProps {
  checked: boolean | 'indeterminate';
  onChecked: (checked: boolean) => void;
  label: ReactNode;
  /** The label is there for screen readers alone (in tables). */
  hideLabel?: boolean;
  disabled?: boolean;
  id?: string;
}

/** A box to tick. The browser's own: a list draws hundreds of them while it is scrolled. */
export function Checkbox({ checked, onChecked, label, hideLabel = false, disabled, id }: CheckboxProps) {
  const made = useId();
  const box = (
    <input
      type="checkbox"
      ref={(node) => {
        if (node) node.indeterminate = checked === 'indeterminate';
      }}
      id={id ?? (hideLabel ? undefined : made)}
      checked={checked === true}
      disabled={disabled}
      onChange={(event) => onChecked(event.target.checked)}
      aria-label={hideLabel && typeof label === 'string' ? label : undefined}
      className="tick"
    />
  );
  if (hideLabel) return box;
  // The words answer with all their line, which a thumb meets sooner than the box.
  return (
    <span className="flex items-center gap-2 max-sm:min-h-11">
      {box}
      <label htmlFor={id ?? made} className="max-sm:flex max-sm:min-h-11 max-sm:flex-1 max-sm:items-center">
        {label}
      </label>
    </span>
  );
}

interface Option<T extends string> {
  value: T;
  label: ReactNode;
  hint?: ReactNode;
  disabled?: boolean;
}

interface RadioProps<T extends string> {
  value: T | undefined;
  onValue: (value: T) => void;
  options: ReadonlyArray<Option<T>>;
  label: string;
  disabled?: boolean;
}

/** One of a few. The browser's own: what an arrow goes to is chosen with the key, however quickly the next one comes. */
export function Radio<T extends string>({ value, onValue, options, label, disabled }: RadioProps<T>) {
  const id = useId();
  return (
    <div role="radiogroup" aria-label={label} className="flex flex-col gap-0.5">
      {options.map((option) => (
        <label key={option.value} className="flex min-h-[26px] items-start gap-2 max-sm:min-h-11 max-sm:items-center">
          <input
            type="radio"
            name={id}
            value={option.value}
            checked={option.value === value}
            disabled={disabled || option.disabled}
            onChange={() => onValue(option.value)}
            className="mt-[5px] size-[15px] flex-none appearance-none rounded-full border border-line-input bg-surface checked:border-[5px] checked:border-accent max-sm:mt-0"
          />
          <span className="py-[3px]">
            {option.label}
            {option.hint && <span className="block text-meta text-text-3">{option.hint}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}

interface SwitchProps {
  checked: boolean;
  onChecked: (checked: boolean) => void;
  label: string;
  disabled?: boolean;
}

/** A switch under its name, with what it means: as it stands in forms. */
export function SwitchRow({ hint, className, ...of }: SwitchProps & { hint?: ReactNode; className?: string }) {
  return (
    <div className={cx('flex items-center gap-3', className)}>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{of.label}</p>
        {hint && <p className="text-meta break-words text-text-3">{hint}</p>}
      </div>
      <Switch {...of} />
    </div>
  );
}

/** On or off, at once. */
export function Switch({ checked, onChecked, label, disabled }: SwitchProps) {
  return (
    <RadixSwitch.Root
      checked={checked}
      disabled={disabled}
      onCheckedChange={onChecked}
      aria-label={label}
      className="relative h-4 w-7 flex-none rounded-full max-sm:after:absolute max-sm:after:-inset-x-2 max-sm:after:-inset-y-3.5 bg-line-input transition-colors duration-(--wl-fast) disabled:opacity-50 data-[state=checked]:bg-accent"
    >
      <RadixSwitch.Thumb className="block size-3 translate-x-0.5 rounded-full bg-surface transition-transform duration-(--wl-fast) data-[state=checked]:translate-x-3.5" />
    </RadixSwitch.Root>
  );
}
