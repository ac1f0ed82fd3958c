import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { DutyPerson, ShownOnCallSchedule } from '#contracts/oncall/oncall.ts';
import { weekdays } from '#contracts/incidents/business-calendar.ts';
import type { RotationLayer } from '#contracts/oncall/rotations.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useSending } from '../kit/use-sending.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Checkbox } from '../ui/choice.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { DrawerForm } from '../ui/drawer-form.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';
import { Person } from '../ui/person.tsx';
import { Select } from '../ui/select.tsx';
import { daysLater, mondayOf } from './duty-zone.ts';
import { namesOf } from './oncall.ts';

interface ScheduleFormProps {
  schedule: ShownOnCallSchedule | null;
  people: readonly DutyPerson[];
  zone: string;
  onClose: () => void;
  onSaved: (schedule: ShownOnCallSchedule) => void;
}

const zones = Intl.supportedValuesOf('timeZone').map((value) => ({ value, label: value }));
const newLayer = (name: string, zone: string): RotationLayer => ({
  id: crypto.randomUUID(),
  name,
  people: [],
  startsAt: `${daysLater(mondayOf(Date.now(), zone), 0)}T09:00`,
  endsAt: null,
  turn: { unit: 'weeks', count: 1 },
  only: [],
});

/** Makes a schedule or changes one: layers of people who take turns; a later layer goes before an earlier one. */
export function ScheduleForm({ schedule, people, zone, onClose, onSaved }: ScheduleFormProps) {
  const [draft, setDraft] = useState(() => ({
    name: schedule?.name ?? '',
    description: schedule?.description ?? '',
    timeZone: schedule?.timeZone ?? zone,
    layers: schedule?.layers ?? [newLayer('Rotation', zone)],
  }));
  const { busy, failure, send } = useSending();
  const refusal = useRefusal()('oncall:manage');
  const offline = useOffline();
  const set = (changes: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...changes }));
  const setLayer = (id: string, changes: Partial<RotationLayer>) =>
    set({ layers: draft.layers.map((layer) => (layer.id === id ? { ...layer, ...changes } : layer)) });
  const isWhole =
    draft.name.trim() !== '' &&
    draft.layers.length > 0 &&
    draft.layers.every((layer) => layer.people.length > 0 && layer.name.trim() !== '');
  const save = async () => {
    if (!isWhole) return;
    await send(async () => {
      onSaved(
        schedule
          ? await api.changeOnCallSchedule({
              params: { id: schedule.id },
              body: draft,
              ifMatch: `"${schedule.version}"`,
            })
          : await api.createOnCallSchedule({ body: draft }),
      );
    });
  };
  return (
    <DrawerForm
      onClose={onClose}
      width={540}
      title={schedule ? `Edit ${schedule.name}` : 'New schedule'}
      act={schedule ? 'Save schedule' : 'Make schedule'}
      busy={busy}
      refusal={offline ?? refusal}
      disabled={!isWhole}
      failure={failure}
      onSubmit={save}
    >
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
      <Field label="Time zone" hint="Hand-offs are by its clocks, also after they change.">
        {(slot) => (
          <Combobox id={slot.id} value={draft.timeZone} onValue={(timeZone) => set({ timeZone })} options={zones} />
        )}
      </Field>
      <Field label="What it is for" aside="optional">
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            rows={2}
            value={draft.description}
            onChange={(event) => set({ description: event.target.value })}
          />
        )}
      </Field>
      {draft.layers.map((layer, index) => (
        <LayerFields
          key={layer.id}
          layer={layer}
          people={people}
          isOnly={draft.layers.length === 1}
          note={index === 0 ? 'Holds wherever no later layer has somebody.' : 'Goes before the layers above it.'}
          onChange={(changes) => setLayer(layer.id, changes)}
          onRemove={() => set({ layers: draft.layers.filter(({ id }) => id !== layer.id) })}
        />
      ))}
      <div>
        <Button
          icon={Plus}
          onClick={() =>
            set({ layers: [...draft.layers, newLayer(`Layer ${draft.layers.length + 1}`, draft.timeZone)] })
          }
        >
          Add a layer
        </Button>
      </div>
    </DrawerForm>
  );
}

interface LayerFieldsProps {
  layer: RotationLayer;
  people: readonly DutyPerson[];
  isOnly: boolean;
  note: string;
  onChange: (changes: Partial<RotationLayer>) => void;
  onRemove: () => void;
}

const dayNames: Readonly<Record<(typeof weekdays)[number], string>> = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu', fri: 'Fri', sat: 'Sat', sun: 'Sun' }; // prettier-ignore

function LayerFields({ layer, people, isOnly, note, onChange, onRemove }: LayerFieldsProps) {
  const nameOf = namesOf(people);
  const [only] = layer.only;
  const move = (index: number, by: number) => {
    const order = [...layer.people];
    const [person] = order.splice(index, 1);
    if (person) order.splice(index + by, 0, person);
    onChange({ people: order });
  };
  return (
    <fieldset className="flex flex-col gap-3 rounded-md border border-line p-3">
      <legend className="sr-only">{layer.name}</legend>
      <div className="flex items-end gap-2">
        <Field label="Layer" hint={note} className="flex-1">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={layer.name}
              onChange={(event) => onChange({ name: event.target.value })}
            />
          )}
        </Field>
        {!isOnly && (
          <span className="mb-[21px]">
            <IconButton icon={Trash2} label={`Remove ${layer.name}`} onClick={onRemove} />
          </span>
        )}
      </div>
      <Field label="In this order" required>
        {(slot) => (
          <>
            {layer.people.length > 0 && (
              <ol className="mb-2 flex flex-col gap-1" aria-label={`People of ${layer.name}`}>
                {layer.people.map((id, index) => (
                  <li key={`${id} ${index}`} className="flex items-center gap-1 rounded-md bg-sunken px-2 py-1">
                    <Person name={nameOf(id)} className="flex-1" />
                    <Button size="sm" look="ghost" disabled={index === 0} onClick={() => move(index, -1)}>
                      Earlier
                    </Button>
                    <Button
                      size="sm"
                      look="ghost"
                      disabled={index === layer.people.length - 1}
                      onClick={() => move(index, 1)}
                    >
                      Later
                    </Button>
                    <IconButton
                      size="sm"
                      icon={Trash2}
                      label={`Take ${nameOf(id)} out`}
                      onClick={() => onChange({ people: layer.people.filter((_, at) => at !== index) })}
                    />
                  </li>
                ))}
              </ol>
            )}
            <Combobox
              id={slot.id}
              value=""
              placeholder="Add somebody"
              onValue={(id) => onChange({ people: [...layer.people, id] })}
              options={people.map(({ id, name, email }) => ({ value: id, label: name, hint: email }))}
            />
          </>
        )}
      </Field>
      <div className="grid grid-cols-[1fr_80px_110px] gap-3 max-sm:grid-cols-1">
        <Field label="The first turn begins">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="datetime-local"
              value={layer.startsAt}
              onChange={(event) => event.target.value && onChange({ startsAt: event.target.value })}
            />
          )}
        </Field>
        <Field label="A turn is">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="number"
              min={1}
              max={500}
              value={layer.turn.count}
              onChange={(event) =>
                onChange({ turn: { ...layer.turn, count: Math.max(1, Math.floor(Number(event.target.value)) || 1) } })
              }
            />
          )}
        </Field>
        <Field label="long">
          {(slot) => (
            <Select
              id={slot.id}
              label="Unit of a turn"
              value={layer.turn.unit}
              onValue={(unit) => onChange({ turn: { ...layer.turn, unit: unit as RotationLayer['turn']['unit'] } })}
              options={[
                { value: 'hours', label: 'hours' },
                { value: 'days', label: 'days' },
                { value: 'weeks', label: 'weeks' },
              ]}
            />
          )}
        </Field>
      </div>
      <Checkbox
        label="Only at some hours of the week"
        checked={only !== undefined}
        onChecked={(on) => onChange({ only: on ? [{ days: ['sat', 'sun'], from: '00:00', to: '24:00' }] : [] })}
      />
      {only && (
        <div className="flex flex-wrap items-end gap-3">
          <div className="flex flex-wrap gap-x-3 gap-y-1">
            {weekdays.map((day) => (
              <Checkbox
                key={day}
                label={dayNames[day]}
                checked={only.days.includes(day)}
                onChecked={(on) => {
                  const days = on
                    ? weekdays.filter((one) => one === day || only.days.includes(one))
                    : only.days.filter((one) => one !== day);
                  if (days.length > 0) onChange({ only: [{ ...only, days }] });
                }}
              />
            ))}
          </div>
          {(['from', 'to'] as const).map((edge) => (
            <Field key={edge} label={edge === 'from' ? 'From' : 'To'}>
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  className="w-24"
                  value={only[edge]}
                  placeholder="09:00"
                  onChange={(event) => onChange({ only: [{ ...only, [edge]: event.target.value }] })}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </fieldset>
  );
}
