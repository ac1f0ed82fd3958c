import { X } from 'lucide-react';
import { Popover as RadixPopover } from 'radix-ui';
import type { ReactNode } from 'react';
import { Checkbox } from './choice.tsx';
import { Icon } from './icon.tsx';

interface FilterChipProps {
  name: string;
  /** What is chosen, as read: "failed, waiting"; without it the filter is off and says "any". */
  value?: string;
  onClear?: () => void;
  children: ReactNode;
}

/** One filter: its name, what it is set to, and a way out. It opens the choices. */
export function FilterChip({ name, value, onClear, children }: FilterChipProps) {
  return (
    <span className="inline-flex h-[26px] flex-none items-center rounded-md border border-line-strong bg-surface text-meta whitespace-nowrap max-sm:h-[46px]">
      <RadixPopover.Root>
        <RadixPopover.Trigger className="inline-flex h-full items-center rounded-l-md hover:bg-sunken last:rounded-r-md">
          <span className="px-2 text-text-2">{name}</span>
          <span className="inline-flex h-full max-w-48 items-center truncate border-l border-line px-2 font-medium">
            {value ?? 'any'}
          </span>
        </RadixPopover.Trigger>
        <RadixPopover.Portal>
          <RadixPopover.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label={`Filter by ${name.toLowerCase()}`}
            className="appear z-(--wl-z-popover) max-h-80 min-w-44 overflow-auto rounded-lg border border-line-strong bg-raised p-2 shadow-2"
          >
            {children}
          </RadixPopover.Content>
        </RadixPopover.Portal>
      </RadixPopover.Root>
      {value && onClear && (
        <button
          type="button"
          aria-label={`Clear ${name.toLowerCase()}`}
          onClick={onClear}
          className="h-full rounded-r-md border-l border-line px-[5px] text-text-3 hover:bg-sunken hover:text-text"
        >
          <Icon of={X} size={12} />
        </button>
      )}
    </span>
  );
}

interface ChoiceFilterProps {
  name: string;
  options: ReadonlyArray<{ value: string; label: ReactNode; word?: string }>;
  values: readonly string[];
  onValues: (values: string[]) => void;
}

/** A filter with several choices to tick. */
export function ChoiceFilter({ name, options, values, onValues }: ChoiceFilterProps) {
  const words = values.map((value) => options.find((option) => option.value === value)?.word ?? value);
  return (
    <FilterChip name={name} value={words.length > 0 ? words.join(', ') : undefined} onClear={() => onValues([])}>
      <div className="flex flex-col gap-1.5">
        {options.map((option) => (
          <Checkbox
            key={option.value}
            label={option.label}
            checked={values.includes(option.value)}
            onChecked={(checked) =>
              onValues(checked ? [...values, option.value] : values.filter((value) => value !== option.value))
            }
          />
        ))}
      </div>
    </FilterChip>
  );
}
