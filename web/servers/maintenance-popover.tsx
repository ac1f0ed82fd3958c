import { useState, type ReactNode } from 'react';
import type { MaintenanceRequest } from '#contracts/servers/servers.ts';
import type { z } from 'zod';
import { clock } from '../kit/clock.ts';
import { Button } from '../ui/button.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Popover } from '../ui/menu.tsx';
import { Select } from '../ui/select.tsx';

const HOUR = 3_600_000;
const spans = {
  '': 'Until somebody ends it',
  '1': 'For 1 hour',
  '4': 'For 4 hours',
  '24': 'For a day',
  '168': 'For a week',
} as const;

interface MaintenancePopoverProps {
  trigger: ReactNode;
  busy: boolean;
  onStart: (maintenance: z.input<typeof MaintenanceRequest>) => void;
}

/** Why a server, or many, are left out for a while, and for how long. */
export function MaintenancePopover({ trigger, busy, onStart }: MaintenancePopoverProps) {
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState<string>('');
  return (
    <Popover label="Maintenance" trigger={trigger} className="w-72">
      <form
        className="flex flex-col gap-2.5"
        onSubmit={(event) => {
          event.preventDefault();
          const until = hours ? new Date(clock.read() + Number(hours) * HOUR).toISOString() : null;
          onStart({ reason: reason.trim(), until });
        }}
      >
        <p className="text-meta text-text-2">Playbooks leave it out, and checks do not judge it.</p>
        <Field label="Reason" aside="optional">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              maxLength={500}
              value={reason}
              placeholder="New disk"
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <Field label="How long">
          {(slot) => (
            <Select
              id={slot.id}
              value={hours}
              onValue={setHours}
              options={Object.entries(spans).map(([value, label]) => ({ value, label }))}
            />
          )}
        </Field>
        <Button type="submit" look="primary" className="self-start" busy={busy}>
          Start maintenance
        </Button>
      </form>
    </Popover>
  );
}
