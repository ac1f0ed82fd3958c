import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { FilterChip } from '../ui/filter-chip.tsx';
import { Input } from '../ui/input.tsx';

interface OneOfProps {
  name: string;
  value: string;
  shown?: string | undefined;
  options: ReadonlyArray<readonly [value: string, word: string]>;
  onValue: (value: string) => void;
}

/** A filter with one choice of several. */
export function OneOf({ name, value, shown, options, onValue }: OneOfProps) {
  const word = shown ?? (value ? (options.find(([option]) => option === value)?.[1] ?? value) : undefined);
  return (
    <FilterChip name={name} value={word} onClear={() => onValue('')}>
      <div className="flex flex-col gap-0.5">
        {[['', 'any'] as const, ...options].map(([option, label]) => (
          <button
            key={option}
            type="button"
            aria-current={option === value || undefined}
            onClick={() => onValue(option)}
            className="max-w-72 truncate rounded-sm px-2 py-1 text-left hover:bg-fill aria-current:font-medium max-sm:min-h-11"
          >
            {label}
          </button>
        ))}
      </div>
    </FilterChip>
  );
}

/** A filter by a word that is typed. */
export function TextFilter({
  name,
  value,
  hint,
  onValue,
}: {
  name: string;
  value: string;
  hint?: string;
  onValue: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  return (
    <FilterChip name={name} value={value || undefined} onClear={() => onValue('')}>
      <form
        className="flex flex-col gap-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          onValue(text.trim());
        }}
      >
        <Input aria-label={name} value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
        {hint && <span className="text-meta text-text-3">{hint}</span>}
        <Button type="submit" size="sm">
          Narrow
        </Button>
      </form>
    </FilterChip>
  );
}
