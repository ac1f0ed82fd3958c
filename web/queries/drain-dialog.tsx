import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConnectionLoad } from '#contracts/queries/query-runs.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';

interface DrainDialogProps {
  connection: Pick<ConnectionLoad, 'connectionId' | 'connectionName'>;
  onClose: () => void;
}

/** Asks why nothing new shall begin on a connection; the reason is shown where queries wait for it. */
export function DrainDialog({ connection: { connectionId, connectionName }, onClose }: DrainDialogProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const drain = async () => {
    setBusy(true);
    try {
      await api.drainConnection({ params: { id: connectionId }, body: reason.trim() ? { reason: reason.trim() } : {} });
      await client.invalidateQueries({ queryKey: ['query-queue'] });
      toast.done(`${connectionName} is drained: new queries wait`);
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
      width={460}
      title={`Drain ${connectionName}?`}
      description="New queries are promised and wait in line, also those of schedules. What runs goes on to its end."
      foot={
        <>
          <Button onClick={onClose}>Keep it open</Button>
          <Button look="primary" busy={busy} onClick={() => void drain()}>
            Drain connection
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void drain();
        }}
      >
        <Field label="Reason" aside="optional" hint="Shown to everybody whose queries wait.">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              maxLength={300}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={failure} />
      </form>
    </Dialog>
  );
}
