import { Popover } from 'radix-ui';
import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { cx } from '../../kit/cx.ts';
import { fieldClasses } from '../../ui/input.tsx';
import { completeExpression, completeTemplate, type Completion } from '../expressions/complete.ts';
import { lastValue } from '../expressions/last-value.ts';
import { useFormScope } from './form-context.ts';

interface ExpressionInputProps {
  value: string;
  onValue: (value: string) => void;
  /** `cel`: all of it is an expression; `template`: only what stands in `${{ }}`. */
  mode: 'cel' | 'template';
  isLong?: boolean;
  mono?: boolean;
  id?: string;
  label?: string;
  placeholder?: string | undefined;
  describedBy?: string | undefined;
  invalid?: boolean;
}

/** Text with expressions: what may be written where the caret stands is offered below, by arrows and Enter or Tab. */
export function ExpressionInput({
  value,
  onValue,
  mode,
  isLong = false,
  mono = mode === 'cel',
  id,
  label,
  placeholder,
  describedBy,
  invalid = false,
}: ExpressionInputProps) {
  const { scope, names, isReadOnly } = useFormScope();
  const area = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [caret, setCaret] = useState(0);
  const [isAsked, setAsked] = useState(false);
  const [chosen, setChosen] = useState(0);
  const isWhole = mode === 'cel' && !value.includes('${{');
  const found = useMemo(() => {
    if (!isAsked || !scope) return null;
    return isWhole ? completeExpression(value, caret, scope, names) : completeTemplate(value, caret, scope, names);
  }, [isAsked, scope, isWhole, value, caret, names]);
  // Typing does not wait for it.
  const settled = useDeferredValue(value);
  const was = useMemo(
    () => (mode === 'cel' || /^\s*\$\{\{[^]*\}\}\s*$/.test(settled) ? lastValue(settled, names.last) : undefined),
    [mode, settled, names.last],
  );
  const items = found?.items.slice(0, 60) ?? [];
  const at = Math.min(chosen, items.length - 1);
  const isOpen = items.length > 0 && !isReadOnly;

  const ask = (text: string, place: number, how: 'typed' | 'key') => {
    setCaret(place);
    setChosen(0);
    setAsked(how === 'key' || /[\w.{[]$/.test(text.slice(0, place)));
  };
  const take = (item: Completion) => {
    if (!found) return;
    const text = value.slice(0, found.from) + item.insert + value.slice(found.to);
    const place = found.from + item.insert.length;
    onValue(text);
    setAsked(false);
    requestAnimationFrame(() => area.current?.setSelectionRange(place, place));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      ask(value, event.currentTarget.selectionStart, 'key');
      return;
    }
    if (!isOpen) {
      if (event.key === 'Enter' && !isLong && !event.ctrlKey && !event.metaKey) event.preventDefault();
      return;
    }
    const item = items[at];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setChosen((at + (event.key === 'ArrowDown' ? 1 : items.length - 1)) % items.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && item) {
      event.preventDefault();
      take(item);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setAsked(false);
    }
  };
  const lines = value.split('\n').length;
  return (
    <>
      <Popover.Root open={isOpen} onOpenChange={(open) => !open && setAsked(false)}>
        <Popover.Anchor asChild>
          <textarea
            ref={area}
            id={id}
            aria-label={label}
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-controls={listId}
            aria-activedescendant={isOpen ? `${listId}-${at}` : undefined}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            readOnly={isReadOnly}
            spellCheck={false}
            rows={isLong ? Math.min(14, Math.max(2, lines)) : Math.min(6, lines)}
            placeholder={placeholder}
            value={value}
            onChange={(event) => {
              const text = isLong ? event.target.value : event.target.value.replaceAll('\n', ' ');
              onValue(text);
              ask(text, event.target.selectionStart, 'typed');
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onBlur={() => setAsked(false)}
            className={cx(
              fieldClasses(invalid),
              'block max-h-72 px-[9px] py-1 leading-5 break-words [field-sizing:content] read-only:bg-sunken max-sm:py-3',
              isLong ? 'resize-y' : 'min-h-[30px] resize-none',
              mono && 'font-mono text-meta leading-5',
            )}
          />
        </Popover.Anchor>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            onOpenAutoFocus={(event) => event.preventDefault()}
            onCloseAutoFocus={(event) => event.preventDefault()}
            className="z-(--wl-z-toast) max-h-64 w-(--radix-popover-trigger-width) min-w-72 overflow-auto rounded-md border border-line-strong bg-raised p-1 shadow-2"
          >
            <ul id={listId} role="listbox" aria-label="What may be written here">
              {items.map((item, index) => (
                <li
                  key={item.label}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === at}
                  ref={(row) => {
                    if (index === at) row?.scrollIntoView?.({ block: 'nearest' });
                  }}
                  onMouseDown={(event) => {
                    event.preventDefault();
                    take(item);
                  }}
                  className={cx(
                    'flex min-h-7 items-baseline gap-3 rounded-sm px-2 py-0.5 select-none',
                    index === at && 'bg-fill',
                  )}
                >
                  <span className={cx('flex-none font-mono text-meta', item.kind === 'function' && 'text-code-fn')}>
                    {item.label}
                  </span>
                  <span className="ml-auto min-w-0 truncate text-meta text-text-3">{item.detail}</span>
                </li>
              ))}
            </ul>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {was !== undefined && !invalid && (
        <p data-testid="field.last" className="mt-1 flex min-w-0 gap-1.5 text-meta text-text-3">
          <span className="flex-none">In the last run</span>
          <span className="min-w-0 truncate font-mono text-[11.5px] text-text-2" title={was}>
            {was}
          </span>
        </p>
      )}
    </>
  );
}
