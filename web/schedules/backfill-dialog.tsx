import { useState } from 'react';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';

const local = (at: number): string =>
  new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** Starts the runs of past times, in a range. */
export function BackfillDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const [from, setFrom] = useState(() => local(Date.now() - 86_400_000));
  const [to, setTo] = useState(() => local(Date.now()));
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      const { times } = await api.backfillSchedule({
        params: { id: schedule.id },
        body: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      });
      toast.done(`${times} ${times === 1 ? 'run starts' : 'runs start'}`);
      onClose();
    } catch (error) {
      setFailure(asFailure(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title={`Backfill ${schedule.name}`}
      description="Starts a run for each of its times in this range."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!from || !to || from >= to} onClick={() => void start()}>
            Start the runs
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-3">
        <Field label="From">
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
        <Field label="To">
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
        <div className="col-span-full">
          <FormFailure failure={failure} />
        </div>
      </div>
    </Dialog>
  );
}
