import { useRef, type ClipboardEvent, type KeyboardEvent } from 'react';
import { cx } from '../kit/cx.ts';

interface CodeBoxesProps {
  value: string;
  onValue: (code: string) => void;
  /** Called with the sixth digit. */
  onFull: (code: string) => void;
  disabled?: boolean;
  invalid?: boolean;
}

const digitsOf = (text: string) => text.replace(/\D/g, '').slice(0, 6);

/** Six boxes for a code. A pasted code fills them all; the sixth digit sends. */
export function CodeBoxes({ value, onValue, onFull, disabled, invalid }: CodeBoxesProps) {
  const boxes = useRef<Array<HTMLInputElement | null>>([]);
  const set = (code: string) => {
    onValue(code);
    boxes.current[Math.min(5, code.length)]?.focus();
    if (code.length === 6) onFull(code);
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.key === 'Backspace') {
      event.preventDefault();
      set(value.slice(0, Math.max(0, value[index] ? index : index - 1)));
    } else if (event.key === 'ArrowLeft') boxes.current[index - 1]?.focus();
    else if (event.key === 'ArrowRight') boxes.current[index + 1]?.focus();
  };
  const onPaste = (event: ClipboardEvent) => {
    event.preventDefault();
    set(digitsOf(event.clipboardData.getData('text')));
  };
  return (
    <div role="group" aria-label="Six digits" className="flex w-full items-center gap-2">
      {Array.from({ length: 6 }, (_, index) => (
        <span key={index} className="contents">
          {index === 3 && <i aria-hidden="true" className="h-0.5 w-2 flex-none rounded-full bg-line-input" />}
          <input
            ref={(box) => {
              boxes.current[index] = box;
            }}
            aria-label={`Digit ${index + 1}`}
            inputMode="numeric"
            autoComplete={index === 0 ? 'one-time-code' : 'off'}
            autoFocus={index === 0}
            disabled={disabled}
            aria-invalid={invalid || undefined}
            value={value[index] ?? ''}
            onChange={(event) => {
              const typed = digitsOf(event.target.value);
              // Phones put the whole code into one box.
              set(
                typed.length > 2 ? typed : digitsOf(value.slice(0, index) + typed.slice(-1) + value.slice(index + 1)),
              );
            }}
            onKeyDown={(event) => onKeyDown(event, index)}
            onPaste={onPaste}
            onFocus={(event) => event.target.select()}
            className={cx(
              'num h-[54px] w-0 min-w-0 flex-1 rounded-lg border bg-surface text-center text-[24px] font-medium shadow-1 focus-visible:border-focus focus-visible:outline-offset-[-1px]',
              invalid ? 'border-fail-solid' : 'border-line-input',
            )}
          />
        </span>
      ))}
    </div>
  );
}
