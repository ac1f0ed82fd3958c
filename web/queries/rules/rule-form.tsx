import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queryActs, type QueryAct } from '#contracts/queries/query-acts.ts';
import { api } from '../../kit/api.ts';
import { useSending } from '../../kit/use-sending.ts';
import { Button } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/choice.tsx';
import { Field, FormFailure } from '../../ui/form.tsx';
import { Select } from '../../ui/select.tsx';
import { useConnections, useUnits, unitWord } from '../connections.ts';
import { useFolders } from '../library/use-saved.ts';

const actLabels: Readonly<Record<QueryAct, string>> = {
  view: 'See it at all: objects, history, rows, saved queries',
  run: 'Run queries',
  edit: 'Change saved queries',
  schedule: 'Schedule queries',
  export: 'Take rows out: files and deliveries',
};

/** A new rule: whom it binds, where, and what it takes away. */
export function RuleForm({ onClose, onMade }: { onClose: () => void; onMade: () => Promise<void> }) {
  const [whom, setWhom] = useState('role:member');
  const [where, setWhere] = useState('');
  const [unit, setUnit] = useState('');
  const [denied, setDenied] = useState<readonly QueryAct[]>(['export']);
  const { busy, failure, send } = useSending();
  const members = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => api.listMembers({ signal }) });
  const connections = useConnections();
  const folders = useFolders();
  const [kind, id = ''] = where.split(/:(.*)/s);
  const connection = kind === 'connection' ? connections.data?.find((one) => one.id === id) : undefined;
  const units = useUnits(connection);
  const [whomKind, whomId = ''] = whom.split(':');
  const save = async () => {
    await send(async () => {
      await api.createQueryRule({
        body: {
          ...(whomKind === 'role' ? { role: whomId as 'member' | 'viewer' } : { personId: whomId }),
          ...(kind === 'folder' ? { folder: id } : { connectionId: id, unit: unit || null }),
          denied: [...denied],
        },
      });
      await onMade();
    });
  };
  const bound = (members.data?.data ?? []).filter(({ role }) => role === 'member' || role === 'viewer');
  return (
    <form
      aria-label="New rule"
      className="flex flex-col gap-4 rounded-lg border border-line p-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label="Whom it binds">
        {({ id: fieldId, invalid, describedBy }) => (
          <Select
            id={fieldId}
            invalid={invalid}
            describedBy={describedBy}
            value={whom}
            onValue={setWhom}
            options={[
              { value: 'role:member', label: 'All members' },
              { value: 'role:viewer', label: 'All viewers' },
              ...bound.map((person) => ({ value: `person:${person.id}`, label: person.name, hint: person.email })),
            ]}
          />
        )}
      </Field>
      <Field label="Where">
        {({ id: fieldId, invalid, describedBy }) => (
          <Select
            id={fieldId}
            invalid={invalid}
            describedBy={describedBy}
            value={where}
            onValue={(next) => {
              setWhere(next);
              setUnit('');
            }}
            placeholder="A connection or a folder"
            options={[
              ...(connections.data ?? []).map((one) => ({
                value: `connection:${one.id}`,
                label: one.name,
                hint: 'Connection',
              })),
              ...(folders.data ?? [])
                .filter(({ folder }) => folder !== '')
                .map(({ folder }) => ({ value: `folder:${folder}`, label: folder, hint: 'Folder' })),
            ]}
          />
        )}
      </Field>
      {connection && connection.kind !== 'postgres' && (
        <Field label={unitWord(connection.kind)}>
          {({ id: fieldId, invalid, describedBy }) => (
            <Select
              id={fieldId}
              invalid={invalid}
              describedBy={describedBy}
              value={unit}
              onValue={setUnit}
              options={[
                { value: '', label: 'All of them' },
                ...(units.data ?? []).map((one) => ({ value: one.id, label: one.name, hint: one.id })),
              ]}
            />
          )}
        </Field>
      )}
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 font-medium">What they may not do there</legend>
        {queryActs.map((act) => (
          <Checkbox
            key={act}
            checked={denied.includes(act)}
            onChecked={(on) => setDenied(on ? [...denied, act] : denied.filter((one) => one !== act))}
            label={actLabels[act]}
          />
        ))}
      </fieldset>
      <FormFailure failure={failure} />
      <div className="flex gap-2">
        <Button type="submit" look="primary" busy={busy} disabled={where === '' || denied.length === 0}>
          Make the rule
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
