import { useState } from 'react';
import type { DutyPerson, ShownOnCallSchedule } from '#contracts/oncall/oncall.ts';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { Button } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import type { ChosenSpan } from './duty-week.tsx';
import { instantOfField, localField } from './duty-zone.ts';
import { namesOf } from './oncall.ts';
import { WhyField } from './why-field.tsx';

interface OverrideDialogProps {
  schedule: ShownOnCallSchedule;
  people: readonly DutyPerson[];
  /** Whose turn it is for; null: from now on for a day. */
  span: ChosenSpan | null;
  zone: string;
  refusal: string | null;
  onClose: () => void;
  onDone: (words: string) => void;
}

/** Puts somebody in place of whoever would be on call, or takes an override back. */
export function OverrideDialog({ schedule, people, span, zone, refusal, onClose, onDone }: OverrideDialogProps) {
  const [now] = useState(() => Math.ceil(Date.now() / 3_600_000) * 3_600_000);
  const [from, setFrom] = useState(() => localField(span ? Math.max(Date.parse(span.from), now) : now, zone));
  const [to, setTo] = useState(() => localField(span ? Date.parse(span.to) : now + 86_400_000, zone));
  const [personId, setPerson] = useState('');
  const [reason, setReason] = useState('');
  const { busy, failure, send } = useSending();
  const nameOf = namesOf(people);
  const [begin, end] = [instantOfField(from, zone), instantOfField(to, zone)];
  const isWhole = begin !== undefined && end !== undefined && begin < end && personId !== '';
  const attempt = async (work: () => Promise<string>) => {
    await send(async () => {
      onDone(await work());
    });
  };
  const save = () =>
    attempt(async () => {
      const who = personId === 'nobody' ? null : personId;
      const body = {
        from: new Date(begin ?? 0).toISOString(),
        to: new Date(end ?? 0).toISOString(),
        personId: who,
        reason,
      };
      await api.createOverride({ params: { id: schedule.id }, body });
      return `${nameOf(who)} stands in on ${schedule.name}`;
    });
  const takeBack = (overrideId: string) =>
    attempt(async () => {
      await api.deleteOverride({ params: { id: schedule.id, overrideId } });
      return span?.isSwap ? 'The swap is taken back' : 'The override is taken back';
    });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={`Stand in on ${schedule.name}`}
      description={
        span ? `${nameOf(span.personId)} would be on call.` : `In place of whoever would be on call. Times of ${zone}.`
      }
      foot={
        <>
          {span?.isOverride && span.by && (
            <span className="mr-auto">
              <Button busy={busy} refusal={refusal} onClick={() => void takeBack(span.by ?? '')}>
                {span.isSwap ? 'Take the swap back' : 'Take the override back'}
              </Button>
            </span>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!isWhole} refusal={refusal} onClick={() => void save()}>
            Make the override
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field label="Who stands in" required className="col-span-full">
          {(slot) => (
            <Combobox
              id={slot.id}
              value={personId}
              onValue={setPerson}
              options={[
                ...people.map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
                { value: 'nobody', label: 'Nobody' },
              ]}
            />
          )}
        </Field>
        <Field label="From" aside={zone}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="datetime-local"
              value={from}
              max={to}
              onChange={(event) => setFrom(event.target.value)}
            />
          )}
        </Field>
        <Field label="To" aside={zone}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="datetime-local"
              value={to}
              min={from}
              onChange={(event) => setTo(event.target.value)}
            />
          )}
        </Field>
        <WhyField value={reason} onValue={setReason} className="col-span-full" />
        <div className="col-span-full">
          <FormFailure failure={failure} />
        </div>
      </div>
    </Dialog>
  );
}
