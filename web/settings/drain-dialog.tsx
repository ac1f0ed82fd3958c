import { useState, type FormEvent } from 'react';
import type { QueueDrain } from '#contracts/settings/queues.ts';
import { asFailure } from '../kit/failure.ts';
import { useMe, useRefusal } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Radio } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { useDrain } from './use-drains.ts';

/** Asks for whom a queue is drained and why; the reason is shown where runs wait for it. */
export function DrainDialog({ queue, onClose }: { queue: string; onClose: () => void }) {
  const { user } = useMe();
  const refusal = useRefusal()('runs:manage');
  const [scope, setScope] = useState<QueueDrain['scope']>(refusal === null ? 'workspace' : 'instance');
  const [reason, setReason] = useState('');
  const drain = useDrain(onClose);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    drain.mutate({ queue, scope, reason });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={460}
      title={`Drain ${queue}?`}
      description="New runs are promised and wait in line. What has begun goes on to its end."
      foot={
        <>
          <Button onClick={onClose}>Keep it open</Button>
          <Button look="primary" busy={drain.isPending} onClick={() => submit()}>
            Drain queue
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {user.isInstanceAdmin && (
          <Radio
            label="For whom"
            value={scope}
            onValue={setScope}
            options={[
              { value: 'workspace', label: 'This workspace', ...(refusal !== null && { disabled: true }) },
              { value: 'instance', label: 'Every workspace of this installation' },
            ]}
          />
        )}
        <Field label="Reason" aside="optional" hint="Shown to everybody whose runs wait.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              maxLength={300}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={drain.error ? asFailure(drain.error) : null} />
      </form>
    </Dialog>
  );
}
