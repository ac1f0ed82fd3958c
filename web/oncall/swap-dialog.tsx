import { useState } from 'react';
import type { DutyPerson, DutySpan, ShownOnCallSchedule } from '#contracts/oncall/oncall.ts';
import { api } from '../kit/api.ts';
import { useSending } from '../kit/use-sending.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure } from '../ui/form.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { momentWords } from './duty-zone.ts';
import { namesOf, useDuty } from './oncall.ts';
import { WhyField } from './why-field.tsx';

/** Shifts of so many days ahead can be traded. */
const daysAhead = 84;

interface SwapDialogProps {
  schedule: ShownOnCallSchedule;
  people: readonly DutyPerson[];
  zone: string;
  refusal: string | null;
  onClose: () => void;
  onDone: (words: string) => void;
}

/** Lets two people trade shifts: each is on call while the other one would have been. */
export function SwapDialog({ schedule, people, zone, refusal, onClose, onDone }: SwapDialogProps) {
  const [from] = useState(() => Math.ceil(Date.now() / 60_000) * 60_000);
  const duty = useDuty(schedule.id, from, from + daysAhead * 86_400_000);
  const [chosen, setChosen] = useState<[string, string]>(['', '']);
  const [reason, setReason] = useState('');
  const { busy, failure, send } = useSending();
  const nameOf = namesOf(people);
  const shifts = (duty.data?.data ?? []).filter(({ personId }) => personId !== null);
  const [one, other] = chosen.map((at) => shifts.find((shift) => shift.from === at));
  const words = (at: string) => momentWords(Date.parse(at), zone);
  const options = (others: readonly DutySpan[]) =>
    others.map((shift) => ({
      value: shift.from,
      label: `${nameOf(shift.personId)}, ${words(shift.from)}`,
      hint: `to ${words(shift.to)}`,
    }));
  const save = () =>
    send(async () => {
      if (!one?.personId || !other?.personId) return;
      const shiftOf = ({ from: begin, to }: DutySpan, personId: string) => ({ personId, from: begin, to });
      await api.createSwap({
        params: { id: schedule.id },
        body: { shifts: [shiftOf(one, one.personId), shiftOf(other, other.personId)], reason },
      });
      onDone(`${nameOf(one.personId)} and ${nameOf(other.personId)} swap shifts on ${schedule.name}`);
    });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={`Swap shifts on ${schedule.name}`}
      description={`Each is on call while the other one would have been. Times of ${zone}.`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!one || !other} refusal={refusal} onClick={() => void save()}>
            Swap
          </Button>
        </>
      }
    >
      <Answer of={duty} what="The shifts" waiting={<SkeletonRows rows={2} height={34} />}>
        {() => (
          <div className="grid gap-3">
            <Field label="This shift" required>
              {(slot) => (
                <Combobox
                  id={slot.id}
                  value={chosen[0]}
                  onValue={(at) => setChosen([at, ''])}
                  options={options(shifts)}
                />
              )}
            </Field>
            <Field label="For this one" required hint={one && noOther(shifts, one) ? noOtherWords : undefined}>
              {(slot) => (
                <Combobox
                  id={slot.id}
                  value={chosen[1]}
                  onValue={(at) => setChosen([chosen[0], at])}
                  options={options(shifts.filter(({ personId }) => one && personId !== one.personId))}
                />
              )}
            </Field>
            <WhyField value={reason} onValue={setReason} />
            <FormFailure failure={failure} />
          </div>
        )}
      </Answer>
    </Dialog>
  );
}

const noOther = (shifts: readonly DutySpan[], { personId }: DutySpan): boolean =>
  shifts.every((shift) => shift.personId === personId);
const noOtherWords = `Nobody else is on call in the next ${daysAhead / 7} weeks.`;
