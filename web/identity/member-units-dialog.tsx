import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { KnownUnit, Member } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useSending } from '../kit/use-sending.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FormFailure } from '../ui/form.tsx';
import { toast } from '../ui/toast.tsx';
import { UnitChoice, unitWords } from './unit-choice.tsx';

/** Which business units and instances a member may see. */
export function MemberUnitsDialog({
  member,
  known,
  onClose,
}: {
  member: Member;
  known: readonly KnownUnit[];
  onClose: () => void;
}) {
  const client = useQueryClient();
  const offline = useOffline();
  const [units, setUnits] = useState<string[] | null>(member.units ?? null);
  const { busy, failure, send } = useSending();
  const save = async () => {
    await send(async () => {
      await api.changeMember({ params: { id: member.id }, body: { units } });
      await client.invalidateQueries({ queryKey: ['members'] });
      toast.done(`${member.name} sees ${units === null ? 'all business units' : unitWords(units).toLowerCase()} now`);
      onClose();
    });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Business units of ${member.name}`}
      description="Of what lies in another unit they see nothing: no schema, query run, row, count or event. Their API keys are bound too. Connections without units, and playbooks, are not touched by it."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} refusal={offline} onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <UnitChoice value={units} onValue={setUnits} known={known} />
        <FormFailure failure={failure} />
      </div>
    </Dialog>
  );
}
