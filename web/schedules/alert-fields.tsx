import { formatDuration, parseDuration } from '#contracts/kit/duration.ts';
import { useState } from 'react';
import type { Channel } from '#contracts/notifications/channels.ts';
import type { AlertCondition, QueryAlert } from '#contracts/queries/delivery.ts';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { comparisonWords } from './after-words.ts';

type Comparison = Extract<AlertCondition, { on: 'rows' }>['is'];
const rowComparisons = { above: 'more than', below: 'fewer than', equal: 'exactly', not_equal: 'any but' } as const;

interface AlertFieldsProps {
  alert: QueryAlert;
  onAlert: (alert: QueryAlert) => void;
  channels: readonly Channel[];
  faultOf: (field: string) => string | undefined;
}

/** Which channel hears of a run, and when. */
export function AlertFields({ alert, onAlert, channels, faultOf }: AlertFieldsProps) {
  const { when } = alert;
  const set = (next: AlertCondition) => onAlert({ ...alert, when: next });
  return (
    <>
      <Field label="Channel" required error={faultOf('channelId')}>
        {(slot) => (
          <Select
            id={slot.id}
            invalid={slot.invalid}
            describedBy={slot.describedBy}
            value={alert.channelId}
            onValue={(channelId) => onAlert({ ...alert, channelId })}
            options={channels.map(({ id, name, kind }) => ({ value: id, label: name, hint: kind }))}
          />
        )}
      </Field>
      {when.on === 'rows' && (
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="Rows">
            {(slot) => (
              <Select
                id={slot.id}
                value={when.is}
                onValue={(is) => set({ ...when, is: is as Comparison })}
                options={Object.entries(rowComparisons).map(([value, label]) => ({ value, label }))}
              />
            )}
          </Field>
          <Field label="How many" error={faultOf('when/count')}>
            {(slot) => (
              <NumberInput {...slotProps(slot)} value={when.count} onNumber={(next) => set({ ...when, count: next })} />
            )}
          </Field>
        </div>
      )}
      {when.on === 'change' && (
        <Field
          label="By how many percent"
          hint="More or fewer rows than the run of this schedule before; the first run is compared with none."
          error={faultOf('when/byPercent')}
        >
          {(slot) => (
            <NumberInput
              {...slotProps(slot)}
              value={when.byPercent}
              onNumber={(byPercent) => set({ ...when, byPercent })}
            />
          )}
        </Field>
      )}
      {when.on === 'value' && (
        <>
          <Field label="Column" required hint="Of the first row" error={faultOf('when/column')}>
            {(slot) => (
              <Input
                {...slotProps(slot)}
                mono
                value={when.column}
                onChange={(event) => set({ ...when, column: event.target.value })}
              />
            )}
          </Field>
          <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
            <Field label="Compared">
              {(slot) => (
                <Select
                  id={slot.id}
                  value={when.is}
                  onValue={(is) => set({ ...when, is: is as Comparison })}
                  options={Object.entries(comparisonWords).map(([value, label]) => ({ value, label }))}
                />
              )}
            </Field>
            <Field label="With" hint="A number is compared as one" error={faultOf('when/value')}>
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  mono
                  defaultValue={String(when.value)}
                  onChange={({ target: { value } }) =>
                    set({
                      ...when,
                      value: value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value,
                    })
                  }
                />
              )}
            </Field>
          </div>
        </>
      )}
      {when.on === 'late' && <LateField when={when} onWhen={set} fault={faultOf('when/afterMs')} />}
    </>
  );
}

function LateField({
  when,
  onWhen,
  fault,
}: {
  when: Extract<AlertCondition, { on: 'late' }>;
  onWhen: (when: AlertCondition) => void;
  fault: string | undefined;
}) {
  const [text, setText] = useState(() => formatDuration(when.afterMs));
  const isRead = parseDuration(text) !== undefined;
  return (
    <Field
      label="Not ended after"
      hint="30m, 2h: from a minute to a day"
      error={fault ?? (isRead ? undefined : 'A time such as 30m or 2h.')}
    >
      {(slot) => (
        <Input
          {...slotProps(slot)}
          mono
          value={text}
          onChange={({ target: { value } }) => {
            setText(value);
            onWhen({ ...when, afterMs: parseDuration(value) ?? 0 });
          }}
        />
      )}
    </Field>
  );
}

/** A whole number; what is no number yet is kept as text until it is one, and is nothing meanwhile. */
export function NumberInput({
  value,
  onNumber,
  ...rest
}: Omit<Parameters<typeof Input>[0], 'value' | 'onChange'> & {
  value: number | null;
  onNumber: (value: number) => void;
}) {
  const [text, setText] = useState(value === null || Number.isNaN(value) ? '' : String(value));
  return (
    <Input
      {...rest}
      mono
      inputMode="numeric"
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onNumber(event.target.value.trim() === '' ? Number.NaN : Number(event.target.value));
      }}
    />
  );
}
