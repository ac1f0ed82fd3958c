import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { KnownUnit, Member } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useSending } from '../kit/use-sending.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox, Radio } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FormFailure } from '../ui/form.tsx';
import { SearchInput } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';

/** So many are found by eye. */
const fewUnits = 8;

/** How much of the workspace's business units a member sees, in a few words. */
export const unitWords = (units: readonly string[] | null | undefined): string =>
  !units ? 'All' : units.length === 0 ? 'None' : units.length === 1 ? '1 unit' : `${units.length} units`;

/** Which business units and instances a member may see: all, or only those that are ticked. */
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
  const [sees, setSees] = useState<'all' | 'some'>(member.units ? 'some' : 'all');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(member.units));
  const [q, setQ] = useState('');
  const { busy, failure, send } = useSending();
  // What a member was bound to stays to be seen, and to be taken away, when no connection has it any more.
  const gone = (member.units ?? []).filter((id) => !known.some((unit) => unit.id === id));
  const all: KnownUnit[] = [...known, ...gone.map((id) => ({ id, name: id, connections: [] }))];
  const needle = q.trim().toLowerCase();
  const shown = all.filter(({ id, name, connections }) =>
    `${name} ${id} ${connections.join(' ')}`.toLowerCase().includes(needle),
  );
  const tick = (id: string, isTicked: boolean) => {
    const next = new Set(chosen);
    if (isTicked) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const save = async () => {
    await send(async () => {
      const units = sees === 'all' ? null : [...chosen];
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
        <Radio
          label="What they see"
          value={sees}
          onValue={setSees}
          options={[
            { value: 'all', label: 'All business units', hint: 'Also those that are found later' },
            { value: 'some', label: 'Only the ticked ones', hint: 'Where none is ticked, none' },
          ]}
        />
        {sees === 'some' && (
          <>
            {all.length > fewUnits && (
              <SearchInput label="Search units" placeholder="Name, id, connection" value={q} onValue={setQ} />
            )}
            <ul
              className="max-h-72 overflow-y-auto rounded-md border border-line px-3 py-1.5"
              aria-label="Business units"
            >
              {shown.map(({ id, name, connections }) => (
                <li key={id} className="py-1">
                  <Checkbox
                    checked={chosen.has(id)}
                    onChecked={(isTicked) => tick(id, isTicked)}
                    label={
                      <span className="flex min-w-0 flex-wrap gap-x-2">
                        <span>{name}</span>
                        <span className="text-text-3">
                          {[name === id ? '' : id, connections.join(', ') || 'at no connection any more']
                            .filter(Boolean)
                            .join(' · ')}
                        </span>
                      </span>
                    }
                  />
                </li>
              ))}
              {shown.length === 0 && <li className="py-1 text-text-2">No unit matches.</li>}
            </ul>
          </>
        )}
        <FormFailure failure={failure} />
      </div>
    </Dialog>
  );
}
