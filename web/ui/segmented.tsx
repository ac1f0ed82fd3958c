import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';

interface SegmentedProps<T extends string> {
  value: T;
  onValue: (value: T) => void;
  options: ReadonlyArray<{ value: T; label: ReactNode; name?: string }>;
  label: string;
}

/** A few ways to look at the same thing. */
export function Segmented<T extends string>({ value, onValue, options, label }: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      value={value}
      onValueChange={(next) => next && onValue(next as T)}
      aria-label={label}
      className="inline-flex flex-none rounded-[7px] bg-fill p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          aria-label={option.name}
          className={cx(
            'inline-flex h-6 items-center gap-[5px] rounded-[5px] px-[9px] text-meta font-medium whitespace-nowrap text-text-2 hover:text-text max-sm:h-11',
            'data-[state=on]:bg-surface data-[state=on]:text-text data-[state=on]:shadow-1',
          )}
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
