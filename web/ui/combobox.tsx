import { Check, ChevronDown, X } from 'lucide-react';
import { Command } from 'cmdk';
import { Popover } from 'radix-ui';
import { useState, type KeyboardEvent } from 'react';
import { cx } from '../kit/cx.ts';
import { Tag } from './card.tsx';
import { Icon } from './icon.tsx';
import { fieldClasses } from './input.tsx';

export interface ComboOption {
  value: string;
  label: string;
  hint?: string;
}

interface ComboboxProps {
  value: string;
  onValue: (value: string) => void;
  options: readonly ComboOption[];
  placeholder?: string;
  /** What the list holds when nothing fits. */
  nothing?: string;
  id?: string;
  label?: string;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string;
  /** Told what is typed, where the options are too many to be here and are looked for. */
  onSearch?: (text: string) => void;
}

/** One of a long list, found by typing. */
export function Combobox({
  value,
  onValue,
  options,
  placeholder = 'Choose',
  nothing = 'Nothing fits',
  id,
  label,
  disabled,
  invalid = false,
  describedBy,
  onSearch,
}: ComboboxProps) {
  const [isOpen, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger
        id={id}
        role="combobox"
        aria-expanded={isOpen}
        aria-label={label}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        disabled={disabled}
        className={cx(
          fieldClasses(invalid),
          'inline-flex h-[30px] items-center justify-between gap-2 px-[9px] text-left max-sm:h-11',
        )}
      >
        <span className={cx('truncate', !chosen && 'text-text-3')}>{chosen?.label ?? (value || placeholder)}</span>
        <Icon of={ChevronDown} size={14} className="text-text-3" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="appear z-(--wl-z-toast) w-(--radix-popover-trigger-width) min-w-56 rounded-md border border-line-strong bg-raised shadow-2"
        >
          <Command>
            <Command.Input
              placeholder="Type to find"
              onValueChange={onSearch}
              className="h-9 w-full border-b border-line bg-transparent px-3 outline-none placeholder:text-text-3"
            />
            <Command.List className="max-h-64 overflow-auto p-1">
              <Command.Empty className="px-2 py-3 text-meta text-text-3">{nothing}</Command.Empty>
              {options.map((option) => (
                <Command.Item
                  key={option.value}
                  value={option.value}
                  keywords={[option.label, option.hint ?? '']}
                  onSelect={() => {
                    onValue(option.value);
                    setOpen(false);
                  }}
                  className="flex min-h-7 items-center gap-2 rounded-sm px-2 py-1 data-[selected=true]:bg-fill max-sm:min-h-11"
                >
                  <span className="w-4 flex-none">{option.value === value && <Icon of={Check} size={14} />}</span>
                  <span className="min-w-0 flex-1 truncate">{option.label}</span>
                  {option.hint && <span className="text-meta text-text-3">{option.hint}</span>}
                </Command.Item>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface WordsInputProps {
  words: readonly string[];
  onWords: (words: string[]) => void;
  id?: string;
  placeholder?: string;
  invalid?: boolean;
  describedBy?: string;
  disabled?: boolean;
}

/** Several words (tags, hosts): Enter, comma or space adds, Backspace takes the last one away. */
export function WordsInput({
  words,
  onWords,
  id,
  placeholder,
  invalid = false,
  describedBy,
  disabled,
}: WordsInputProps) {
  const [text, setText] = useState('');
  const add = (raw: string) => {
    const fresh = raw.split(/[\s,]+/).filter((word) => word && !words.includes(word));
    if (fresh.length > 0) onWords([...words, ...new Set(fresh)]);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (['Enter', ',', ' '].includes(event.key) && text.trim()) {
      event.preventDefault();
      add(text);
    } else if (event.key === 'Backspace' && !text && words.length > 0) {
      onWords(words.slice(0, -1));
    }
  };
  return (
    <div
      className={cx(
        fieldClasses(invalid),
        'flex min-h-[30px] flex-wrap items-center gap-1 px-1.5 py-1 focus-within:outline-2 focus-within:outline-focus',
      )}
    >
      {words.map((word) => (
        <Tag key={word} className="max-sm:h-11 max-sm:pl-3">
          {word}
          <button
            type="button"
            aria-label={`Remove ${word}`}
            disabled={disabled}
            onClick={() => onWords(words.filter((other) => other !== word))}
            className="-mr-1 rounded-sm p-0.5 hover:text-text max-sm:grid max-sm:size-11 max-sm:place-items-center"
          >
            <Icon of={X} size={10} />
          </button>
        </Tag>
      ))}
      <input
        id={id}
        value={text}
        disabled={disabled}
        aria-describedby={describedBy}
        placeholder={words.length === 0 ? placeholder : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => text.trim() && add(text)}
        className="min-w-20 flex-1 bg-transparent px-1 outline-none max-sm:h-11 placeholder:text-text-3"
      />
    </div>
  );
}
