import { FileUp, Plus, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { BusinessCalendar, type Hours, type Weekday, weekdays } from '#contracts/incidents/business-calendar.ts';
import type { ShownCalendar } from '#contracts/sla/sla.ts';
import { cx } from '../kit/cx.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { CalendarWeeks } from './calendar-weeks.tsx';
import { dayWords } from './sla-words.ts';

interface CalendarFormProps {
  calendar: ShownCalendar | null;
  zone: string;
  onClose: () => void;
  onSaved: (calendar: ShownCalendar) => void;
}
type Holiday = BusinessCalendar['holidays'][number];

const zones = Intl.supportedValuesOf('timeZone').map((value) => ({ value, label: value }));
const office: Hours = { from: '09:00', to: '17:00' };
const byDate = (a: Holiday, b: Holiday) => (a.date < b.date ? -1 : 1);

/** Makes a calendar or changes one: hours by weekday, holidays by hand or from a file, and what comes of it in two weeks. */
export function CalendarForm({ calendar, zone, onClose, onSaved }: CalendarFormProps) {
  const [draft, setDraft] = useState<BusinessCalendar>(() => ({
    name: calendar?.name ?? '',
    timeZone: calendar?.timeZone ?? zone,
    week: calendar?.week ?? Object.fromEntries(weekdays.slice(0, 5).map((day) => [day, [office]])),
    holidays: calendar?.holidays ?? [],
  }));
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('incidents:manage');
  const offline = useOffline();
  const set = (changes: Partial<BusinessCalendar>) => setDraft((old) => ({ ...old, ...changes }));
  const setDay = (day: Weekday, hours: Hours[]) => set({ week: { ...draft.week, [day]: hours } });
  const parsed = BusinessCalendar.safeParse(draft);
  const save = async () => {
    if (!parsed.success) return;
    await send(async () => {
      onSaved(
        calendar
          ? await api.changeCalendar({
              params: { id: calendar.id },
              body: parsed.data,
              ifMatch: `"${calendar.version}"`,
            })
          : await api.createCalendar({ body: parsed.data }),
      );
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={560}
      title={calendar ? `Edit ${calendar.name}` : 'New calendar'}
      act={calendar ? 'Save calendar' : 'Make calendar'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!parsed.success}
      failure={failure}
      onSubmit={save}
    >
      <div className="grid grid-cols-2 gap-3">
        <Field label="Name" required>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              autoFocus
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Time zone">
          {(slot) => (
            <Combobox id={slot.id} value={draft.timeZone} onValue={(timeZone) => set({ timeZone })} options={zones} />
          )}
        </Field>
      </div>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-meta font-medium">Hours</legend>
        {weekdays.map((day) => (
          <DayHours key={day} day={day} hours={draft.week[day] ?? []} onHours={(hours) => setDay(day, hours)} />
        ))}
      </fieldset>
      <Holidays holidays={draft.holidays} onHolidays={(holidays) => set({ holidays: holidays.toSorted(byDate) })} />
      {parsed.success && (
        <section className="border-t border-line pt-4">
          <h3 className="mb-2 text-meta font-medium">The coming two weeks</h3>
          <CalendarWeeks calendar={parsed.data} label="The coming two weeks" />
        </section>
      )}
    </DrawerForm>
  );
}

function DayHours({
  day,
  hours,
  onHours,
}: {
  day: Weekday;
  hours: readonly Hours[];
  onHours: (hours: Hours[]) => void;
}) {
  const name = dayWords[day];
  const change = (at: number, changes: Partial<Hours>) =>
    onHours(hours.map((span, index) => (index === at ? { ...span, ...changes } : span)));
  return (
    // On a phone the hours stand below their day.
    <div className="flex items-start gap-2 max-sm:flex-wrap max-sm:items-center">
      <span className="w-24 flex-none pt-1.5 text-meta max-sm:pt-0">{name}</span>
      <div
        className={cx(
          'flex min-w-0 flex-1 flex-col gap-1.5',
          hours.length > 0 && 'max-sm:order-last max-sm:basis-full',
        )}
      >
        {hours.length === 0 && <span className="pt-1.5 text-meta text-text-3 max-sm:pt-0">closed</span>}
        {hours.map((span, index) => (
          <div key={index} className="flex items-center gap-1.5">
            <Input
              type="time"
              aria-label={`${name}: from`}
              value={span.from}
              onChange={(event) => change(index, { from: event.target.value })}
            />
            <span className="text-text-3">to</span>
            <Input
              type="time"
              aria-label={`${name}: to`}
              // A time field knows no 24:00: the end of the day is the next one's beginning.
              value={span.to === '24:00' ? '00:00' : span.to}
              onChange={(event) => change(index, { to: event.target.value === '00:00' ? '24:00' : event.target.value })}
            />
            <IconButton
              size="sm"
              icon={Trash2}
              label={`Remove hours of ${name}`}
              onClick={() => onHours(hours.filter((_, at) => at !== index))}
            />
          </div>
        ))}
      </div>
      {hours.length < 6 && (
        <IconButton
          className="ml-auto"
          size="sm"
          icon={Plus}
          label={`Add hours on ${name}`}
          onClick={() => onHours([...hours, office])}
        />
      )}
    </div>
  );
}

function Holidays({ holidays, onHolidays }: { holidays: readonly Holiday[]; onHolidays: (all: Holiday[]) => void }) {
  const [date, setDate] = useState('');
  const [name, setName] = useState('');
  const [reading, setReading] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const add = () => {
    if (date === '' || name.trim() === '') return;
    onHolidays([...holidays.filter((one) => one.date !== date), { date, name: name.trim(), hours: [] }]);
    setDate('');
    setName('');
  };
  const read = async (chosen: File) => {
    setReading(true);
    try {
      const year = new Date(clock.read()).getUTCFullYear();
      const found = await api.readHolidays({
        body: { icalendar: await chosen.text(), fromYear: year, toYear: year + 2 },
      });
      const known = new Set(holidays.map((one) => one.date));
      const more = found.holidays.filter((one) => !known.has(one.date)).map((one) => ({ ...one, hours: [] }));
      onHolidays([...holidays, ...more]);
      const left = found.skipped > 0 ? `, ${found.skipped} entries are no whole days` : '';
      toast.done(`${more.length} holidays read${left}`);
    } catch (error) {
      toast.failure(error);
    } finally {
      setReading(false);
    }
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-meta font-medium">Holidays</legend>
      {holidays.length > 0 && (
        <ul className="max-h-44 overflow-auto rounded-md border border-line" aria-label="Holidays">
          {holidays.map((one) => (
            <li key={one.date} className="flex items-center gap-3 px-3 py-0.5 text-meta">
              <span className="num w-24 flex-none text-text-2">{one.date}</span>
              <span className="min-w-0 flex-1 truncate">{one.name}</span>
              <IconButton
                size="sm"
                icon={Trash2}
                label={`Remove ${one.name} on ${one.date}`}
                onClick={() => onHolidays(holidays.filter((other) => other !== one))}
              />
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Input
          type="date"
          aria-label="Date of a holiday"
          className="w-40"
          value={date}
          onChange={(event) => setDate(event.target.value)}
        />
        <Input
          aria-label="Name of a holiday"
          placeholder="Name"
          className="min-w-32 flex-1"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button size="sm" icon={Plus} disabled={date === '' || name.trim() === ''} onClick={add}>
          Add
        </Button>
        <Button size="sm" icon={FileUp} busy={reading} onClick={() => file.current?.click()}>
          From a file (.ics)
        </Button>
        <input
          ref={file}
          type="file"
          accept=".ics,text/calendar"
          className="sr-only"
          tabIndex={-1}
          aria-label="A calendar file"
          onChange={(event) => {
            const [chosen] = event.target.files ?? [];
            event.target.value = '';
            if (chosen) void read(chosen);
          }}
        />
      </div>
    </fieldset>
  );
}
