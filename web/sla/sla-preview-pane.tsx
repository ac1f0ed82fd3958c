import { useState } from 'react';
import { incidentSeverities, type IncidentSeverity } from '#contracts/alerts/alert-rules.ts';
import type { BusinessCalendar } from '#contracts/incidents/business-calendar.ts';
import type { SlaPolicy } from '#contracts/incidents/sla-policy.ts';
import { type ClockPreview, previewClocks } from '#contracts/incidents/sla-preview.ts';
import { formatDuration } from '#contracts/kit/duration.ts';
import { instantAt, wallTime } from '#contracts/schedules/zone.ts';
import { clock } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { clockWords } from './sla-words.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
/** `Mon 23 Nov, 11:20` in a zone. */
function dayAndTime(at: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    }); // prettier-ignore
    formats.set(timeZone, format);
  }
  return format.format(at);
}

/** When an incident would be due under a policy as it is being written, by the clock itself. */
export function SlaPreviewPane({ policy, calendar }: { policy: SlaPolicy; calendar: BusinessCalendar | null }) {
  const own = useZone();
  const zone = calendar?.timeZone ?? own;
  const [severity, setSeverity] = useState<IncidentSeverity>('sev2');
  const [field, setField] = useState(() => new Date(wallTime(clock.read(), zone)).toISOString().slice(0, 16));
  const wall = Date.parse(`${field}:00Z`);
  const openedAt = Number.isNaN(wall) ? null : instantAt(wall, zone, 'first');
  const clocks = openedAt === null ? [] : previewClocks(policy, calendar, { severity, openedAt });
  return (
    <section aria-label="Preview" className="flex flex-col gap-3 border-t border-line pt-4">
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Opened" aside={zone} className="flex-1">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="datetime-local"
              value={field}
              onChange={(event) => setField(event.target.value)}
            />
          )}
        </Field>
        <Segmented
          label="Severity"
          value={severity}
          onValue={setSeverity}
          options={incidentSeverities.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      </div>
      {clocks.length === 0 && <p className="text-meta text-text-3">{severity.toUpperCase()} has no clock.</p>}
      {clocks.map((one) => (
        <PreviewedClock key={one.kind} of={one} zone={zone} />
      ))}
    </section>
  );
}

const looks = {
  counting: 'bg-accent',
  outside: 'bg-fill',
  paused: 'bg-wait-soft',
  met: 'bg-ok-soft',
} as const;

function PreviewedClock({ of: { kind, targetMs, dueAt, warnAt, segments }, zone }: { of: ClockPreview; zone: string }) {
  const first = segments[0]?.from ?? 0;
  const whole = (segments.at(-1)?.to ?? first) - first;
  const rest = segments.filter(({ mode }) => mode === 'outside').reduce((sum, { from, to }) => sum + to - from, 0);
  return (
    <div>
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{clockWords[kind]}</span>
        <span className="text-text-2">in {formatDuration(targetMs)}:</span>
        <span className="num font-medium" data-testid={`sla.due.${kind}`}>
          {dueAt === null ? 'the calendar never opens for so long' : `due ${dayAndTime(dueAt, zone)}`}
        </span>
      </p>
      {dueAt !== null && (
        <>
          <div aria-hidden className="mt-1.5 flex h-2 overflow-hidden rounded-full bg-fill">
            {segments.map(({ from, to, mode }) => (
              <span
                key={from}
                className={cx('block h-full', looks[mode])}
                style={{ width: `${((to - from) / whole) * 100}%` }}
              />
            ))}
          </div>
          <p className="mt-1 text-meta text-text-3">
            {warnAt !== null && `At risk ${dayAndTime(warnAt, zone)}. `}
            {rest > 0 && `${formatDuration(rest)} of it lie outside business hours.`}
          </p>
        </>
      )}
    </div>
  );
}
