import { useState } from 'react';
import type { KnownUnit } from '#contracts/identity/workspaces.ts';
import { Checkbox, Radio } from '../ui/choice.tsx';
import { SearchInput } from '../ui/input.tsx';

/** So many are found by eye. */
const fewUnits = 8;

/** How much of the workspace's business units somebody sees, in a few words. */
export const unitWords = (units: readonly string[] | null | undefined): string =>
  !units ? 'All' : units.length === 0 ? 'None' : units.length === 1 ? '1 unit' : `${units.length} units`;

/** Which business units and instances somebody may see: all (null), or only those that are ticked. */
export function UnitChoice({
  value,
  onValue,
  known,
}: {
  value: readonly string[] | null;
  onValue: (units: string[] | null) => void;
  known: readonly KnownUnit[];
}) {
  // What was ticked is ticked again after a look at "all".
  const [chosen, setChosen] = useState<readonly string[]>(value ?? []);
  // What somebody was bound to stays to be seen, and to be taken away, when no connection has it any more.
  const [atFirst] = useState(chosen);
  const [q, setQ] = useState('');
  const gone = atFirst.filter((id) => !known.some((unit) => unit.id === id));
  const all: KnownUnit[] = [...known, ...gone.map((id) => ({ id, name: id, connections: [] }))];
  const needle = q.trim().toLowerCase();
  const shown = all.filter(({ id, name, connections }) =>
    `${name} ${id} ${connections.join(' ')}`.toLowerCase().includes(needle),
  );
  const tick = (id: string, isTicked: boolean) => {
    const next = [...chosen.filter((one) => one !== id), ...(isTicked ? [id] : [])];
    setChosen(next);
    onValue(next);
  };
  return (
    <div className="flex flex-col gap-3">
      <Radio
        label="What they see"
        value={value ? 'some' : 'all'}
        onValue={(sees) => onValue(sees === 'all' ? null : [...chosen])}
        options={[
          { value: 'all', label: 'All business units', hint: 'Also those that are found later' },
          { value: 'some', label: 'Only the ticked ones', hint: 'Where none is ticked, none' },
        ]}
      />
      {value && (
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
                  checked={chosen.includes(id)}
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
    </div>
  );
}
