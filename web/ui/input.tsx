import { Minus, Plus, Search } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Icon } from './icon.tsx';
import { KeyCap } from './key-cap.tsx';

export const fieldClasses = (hasError: boolean): string =>
  cx(
    'w-full min-w-0 rounded-md border bg-surface text-text placeholder:text-text-3 focus-visible:border-focus focus-visible:outline-offset-[-1px] disabled:bg-sunken disabled:text-text-2 max-sm:text-lead',
    hasError ? 'border-fail-solid' : 'border-line-input',
  );

export interface InputProps extends ComponentProps<'input'> {
  mono?: boolean;
  size2?: 'sm' | 'md';
}

/** One line of text. */
export function Input({ mono = false, size2 = 'md', className, ...rest }: InputProps) {
  return (
    <input
      {...rest}
      className={cx(
        fieldClasses(rest['aria-invalid'] === true),
        'read-only:bg-sunken',
        size2 === 'sm' ? 'h-[26px] px-2 text-meta' : 'h-[30px] px-[9px]',
        'max-sm:h-11',
        mono && 'font-mono text-meta',
        className,
      )}
    />
  );
}

/** Several lines of text. */
export function Textarea({ mono = false, className, ...rest }: ComponentProps<'textarea'> & { mono?: boolean }) {
  return (
    <textarea
      rows={3}
      {...rest}
      className={cx(
        fieldClasses(rest['aria-invalid'] === true),
        'block resize-y px-[9px] py-[6px] read-only:bg-sunken',
        mono && 'font-mono text-meta',
        className,
      )}
    />
  );
}

interface SearchInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  value: string;
  onValue: (text: string) => void;
  label: string;
  end?: ReactNode;
  size2?: 'sm' | 'md';
}

/** The search of a page; `/` goes to it. */
export function SearchInput({ value, onValue, label, end, size2 = 'md', className, ...rest }: SearchInputProps) {
  return (
    <span className={cx('relative flex items-center', className)}>
      <Icon of={Search} size={14} className="pointer-events-none absolute left-[9px] text-text-3" />
      <input
        {...rest}
        type="search"
        aria-label={label}
        data-page-search
        value={value}
        onChange={(event) => onValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value) {
            event.stopPropagation();
            onValue('');
          }
          rest.onKeyDown?.(event);
        }}
        className={cx(
          fieldClasses(false),
          'pr-8 pl-[30px] [&::-webkit-search-cancel-button]:hidden',
          size2 === 'sm' ? 'h-[26px] text-meta' : 'h-[30px]',
          'max-sm:h-11',
        )}
      />
      <span className="absolute right-1.5 flex items-center gap-1">
        {end ?? (
          <span className="pointer-events-none max-sm:hidden">
            <KeyCap>/</KeyCap>
          </span>
        )}
      </span>
    </span>
  );
}

interface StepperProps {
  value: number;
  onValue: (value: number) => void;
  min?: number;
  max?: number;
  id?: string;
  label?: string;
  disabled?: boolean;
}

/** A whole number with a button for one less and one more. */
export function Stepper({
  value,
  onValue,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
  id,
  label,
  disabled,
}: StepperProps) {
  const set = (next: number) => onValue(Math.min(max, Math.max(min, next)));
  return (
    <span className="relative flex items-center">
      <input
        id={id}
        aria-label={label}
        type="number"
        inputMode="numeric"
        min={min}
        max={max}
        value={Number.isFinite(value) ? value : ''}
        disabled={disabled}
        onChange={(event) => onValue(event.target.valueAsNumber)}
        onBlur={() => set(Number.isFinite(value) ? value : 0)}
        className={cx(
          fieldClasses(false),
          'num h-[30px] pr-14 pl-[9px] [appearance:textfield] max-sm:h-11 max-sm:pr-24 [&::-webkit-inner-spin-button]:appearance-none',
        )}
      />
      <span className="absolute right-1 flex">
        <button
          type="button"
          tabIndex={-1}
          aria-label="One less"
          disabled={disabled || value <= min}
          onClick={() => set(value - 1)}
          className="grid size-6 place-items-center max-sm:size-11 rounded-sm text-text-2 hover:bg-fill disabled:opacity-40"
        >
          <Icon of={Minus} size={14} />
        </button>
        <button
          type="button"
          tabIndex={-1}
          aria-label="One more"
          disabled={disabled || value >= max}
          onClick={() => set(value + 1)}
          className="grid size-6 place-items-center max-sm:size-11 rounded-sm text-text-2 hover:bg-fill disabled:opacity-40"
        >
          <Icon of={Plus} size={14} />
        </button>
      </span>
    </span>
  );
}
