import { CalendarRange, ChevronDown } from 'lucide-react';
import type { TimeWindow } from '#contracts/queries/query-runs.ts';
import { useNow } from '../../kit/clock.ts';
import { cx } from '../../kit/cx.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/form.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Input } from '../../ui/input.tsx';
import { Popover } from '../../ui/menu.tsx';
import { previewOf, timeText } from './parameter-fields.ts';
import { windowPresets, windowWords } from './time-windows.ts';

/** The span of time the query looks at: a preset, or two ends as dates or relative words, and the zone they are read in. */
export function WindowPicker({ value, onValue }: { value: TimeWindow; onValue: (window: TimeWindow) => void }) {
  const now = useNow();
  const end = (side: 'from' | 'to', label: string) => {
    const preview = previewOf(value[side], 'timestamp', now, value.timeZone);
    const isWrong = value[side].trim() === '' || preview?.isValid === false;
    return (
      <Field
        label={label}
        error={isWrong ? 'A date such as 2026-01-31, or words such as today - 7d.' : undefined}
        hint={preview?.isValid ? timeText(preview, 'timestamp', value.timeZone) : undefined}
      >
        {({ id, describedBy }) => (
          <Input
            id={id}
            mono
            aria-describedby={describedBy}
            aria-invalid={isWrong || undefined}
            value={value[side]}
            onChange={(event) => onValue({ ...value, [side]: event.target.value })}
          />
        )}
      </Field>
    );
  };
  return (
    <Popover
      label="Time window"
      className="w-80"
      trigger={
        <Button
          icon={CalendarRange}
          className="min-w-0 flex-shrink! max-w-64"
          aria-label={`Time window: ${windowWords(value)}`}
        >
          <span className="truncate">{windowWords(value)}</span>
          <Icon of={ChevronDown} size={14} className="-mr-1 text-text-3" />
        </Button>
      }
    >
      <div className="mb-3 grid grid-cols-2 gap-1">
        {windowPresets.map(({ label, from, to }) => (
          <button
            key={label}
            type="button"
            aria-pressed={value.from === from && value.to === to}
            onClick={() => onValue({ ...value, from, to })}
            className={cx(
              'h-7 rounded-sm px-2 text-left hover:bg-fill max-sm:h-11',
              value.from === from && value.to === to && 'bg-accent-soft font-medium',
            )}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="flex flex-col gap-3">
        {end('from', 'From')}
        {end('to', 'To, not included')}
        <Field label="Time zone">
          {({ id }) => (
            <>
              <Input
                id={id}
                list="query-zones"
                value={value.timeZone}
                onChange={(event) => onValue({ ...value, timeZone: event.target.value })}
              />
              <datalist id="query-zones">
                {Intl.supportedValuesOf('timeZone').map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      </div>
    </Popover>
  );
}
