import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from '../kit/cx.ts';

interface SegmentedProps<T extends string> {
  value: T;
  onValue: (value: T) => void;
  options: ReadonlyArray<{ value: T; label: ReactNode; name?: string }>;
  label: string;
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** A few ways to look at the same thing: one stop for Tab, arrows inside, Enter chooses. */
export function Segmented<T extends string>({ value, onValue, options, label }: SegmentedProps<T>) {
  // Where the arrows are, so that Shift+Tab leaves from there.
  const [at, setAt] = useState<T | null>(null);
  // At once, in the event itself: Enter that follows quickly must meet the option the arrow went to.
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const items = [...event.currentTarget.children] as HTMLElement[];
    const from = items.indexOf(event.target as HTMLElement);
    const step = steps[event.key] ?? 0;
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? items.length - 1 : (from + step + items.length) % items.length;
    if (from < 0 || next === from || event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    items[next]?.focus();
  };
  const stop = at ?? (options.some((option) => option.value === value) ? value : options[0]?.value);
  return (
    <div
      role="radiogroup"
      aria-label={label}
      onKeyDown={onKeyDown}
      onBlur={() => setAt(null)}
      className="inline-flex flex-none rounded-[7px] bg-fill p-0.5"
    >
      {options.map((option) => {
        const isOn = option.value === value;
        return (
          // A native radio would choose as the arrows pass it, and these choices draw whole pages anew.
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={isOn}
            aria-label={option.name}
            tabIndex={option.value === stop ? 0 : -1}
            onFocus={() => setAt(option.value)}
            onClick={() => {
              if (!isOn) onValue(option.value);
            }}
            className={cx(
              'inline-flex h-6 items-center gap-[5px] rounded-[5px] px-[9px] text-meta font-medium whitespace-nowrap max-sm:h-11',
              isOn ? 'bg-surface text-text shadow-1' : 'text-text-2 hover:text-text',
            )}
          >
            {option.label}
          </button>
        );
      })}
    </div>
  );
}
