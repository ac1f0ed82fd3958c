import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';
import { fieldClasses } from './input.tsx';

export interface SelectOption {
  value: string;
  label: ReactNode;
  hint?: string;
  disabled?: boolean;
}

interface SelectProps {
  value: string;
  onValue: (value: string) => void;
  options: readonly SelectOption[];
  /** For screen readers where no visible label points here. */
  label?: string;
  placeholder?: string;
  id?: string;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string;
  size?: 'sm' | 'md';
  className?: string;
}

/** Radix takes the empty string for "nothing chosen", so an option with that value goes by another name inside. */
const EMPTY = '__none__';
const inside = (value: string) => (value === '' ? EMPTY : value);

/** One of a list. */
export function Select({
  value,
  onValue,
  options,
  label,
  placeholder = 'Choose',
  id,
  disabled,
  invalid = false,
  describedBy,
  size = 'md',
  className,
}: SelectProps) {
  const hasEmpty = options.some((option) => option.value === '');
  return (
    <Radix.Root
      value={value === '' && !hasEmpty ? '' : inside(value)}
      onValueChange={(next) => onValue(next === EMPTY ? '' : next)}
      disabled={disabled}
    >
      <Radix.Trigger
        id={id}
        aria-label={label}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        className={cx(
          fieldClasses(invalid),
          'inline-flex items-center justify-between gap-2 text-left data-[placeholder]:text-text-3',
          size === 'sm' ? 'h-[26px] px-2 text-meta' : 'h-[30px] px-[9px] max-sm:h-11',
          className,
        )}
      >
        <span className="truncate">
          <Radix.Value placeholder={placeholder} />
        </span>
        <Icon of={ChevronDown} size={14} className="text-text-3" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="appear z-(--wl-z-toast) max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-md border border-line-strong bg-raised shadow-2"
        >
          <Radix.Viewport className="p-1">
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={inside(option.value)}
                disabled={option.disabled}
                className="flex min-h-7 items-center gap-2 rounded-sm py-1 pr-3 pl-2 outline-none select-none data-[disabled]:opacity-50 data-[highlighted]:bg-fill max-sm:min-h-11"
              >
                <span className="grid w-4 flex-none place-items-center">
                  <Radix.ItemIndicator>
                    <Icon of={Check} size={14} />
                  </Radix.ItemIndicator>
                </span>
                <span className="min-w-0">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.hint && <span className="block text-meta text-text-3">{option.hint}</span>}
                </span>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
