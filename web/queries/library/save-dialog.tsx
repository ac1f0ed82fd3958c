import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { QueryBody, SavedQuery } from '#contracts/queries/saved-queries.ts';
import { api } from '../../kit/api.ts';
import { asFailure, type ApiFailure } from '../../kit/failure.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../../ui/form.tsx';
import { Input } from '../../ui/input.tsx';
import { faultIn } from './head-dialog.tsx';
import { HeadFields, type HeadValues } from './head-fields.tsx';
import { etagOf } from './use-saved.ts';

interface SaveDialogProps {
  /** What is saved already; null for a new query. */
  saved: SavedQuery | null;
  /** The version that the text was typed upon. */
  version: number | null;
  title: string;
  body: QueryBody;
  forkedFrom?: { id: string; version: number } | undefined;
  onClose: () => void;
  onSaved: (query: SavedQuery) => void;
}

/** Saves the text as a new query, or as a further version of one. Nothing that was saved is ever overwritten. */
export function SaveDialog({ saved, version, title, body, forkedFrom, onClose, onSaved }: SaveDialogProps) {
  const client = useQueryClient();
  const [isNew, setNew] = useState(saved === null);
  const [values, setValues] = useState<HeadValues>({
    name: saved?.name ?? title,
    description: saved?.description ?? '',
    folder: saved?.folder ?? '',
    tags: saved?.tags ?? [],
    sharing: saved?.sharing ?? 'workspace',
  });
  const [note, setNote] = useState('');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const isBehind = saved !== null && version !== null && saved.version > version;
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const query =
        saved && !isNew
          ? await api.updateQuery({ params: { id: saved.id }, body: { body, note }, ifMatch: etagOf(saved) })
          : await api.createQuery({
              body: {
                ...values,
                body,
                note,
                ...(forkedFrom ? { forkedFrom } : saved && { forkedFrom: { id: saved.id, version: saved.version } }),
              },
            });
      client.setQueryData(['queries', 'one', query.id], query);
      await client.invalidateQueries({ queryKey: ['queries'], refetchType: 'active' });
      onSaved(query);
    } catch (error) {
      setFailure(asFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={isNew ? 'Save the query' : `Save “${saved?.name ?? ''}”`}
      description={isNew ? undefined : `It becomes version ${(saved?.version ?? 0) + 1}.`}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {saved && !isNew && <Button onClick={() => setNew(true)}>Save as another query</Button>}
          <Button look="primary" busy={busy} disabled={isNew && values.name.trim() === ''} onClick={() => void save()}>
            {isNew ? 'Save query' : 'Save version'}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {isBehind && (
          <p className="rounded-md bg-wait-soft px-2.5 py-2 text-meta text-wait-fg">
            {`Version ${saved.version} was saved after version ${version ?? 0}, on which this text was typed. It stays among the versions; yours becomes the newest.`}
          </p>
        )}
        {isNew && (
          <HeadFields
            values={values}
            onChange={(change) => setValues({ ...values, ...change })}
            errorOf={faultIn(failure)}
          />
        )}
        <Field
          label="What has changed"
          hint="One line for those who read the versions later."
          error={faultIn(failure)('note')}
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              value={note}
              maxLength={500}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={failure && failure.faults.length === 0 ? failure : null} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
