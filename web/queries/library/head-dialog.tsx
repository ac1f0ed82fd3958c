import { useState } from 'react';
import type { SavedQuerySummary } from '#contracts/queries/saved-queries.ts';
import { api } from '../../kit/api.ts';
import { asFailure, type ApiFailure } from '../../kit/failure.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FormFailure } from '../../ui/form.tsx';
import { HeadFields, type HeadValues } from './head-fields.tsx';
import { etagOf } from './use-saved.ts';

/** Renames, moves, tags and shares a saved query. Its text and versions stay as they are. */
export function HeadDialog({
  query,
  onClose,
  onDone,
}: {
  query: SavedQuerySummary;
  onClose: () => void;
  onDone: () => void;
}) {
  const { name, description, folder, tags, sharing } = query;
  const [values, setValues] = useState<HeadValues>({ name, description, folder, tags, sharing });
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      await api.updateQuery({ params: { id: query.id }, body: values, ifMatch: etagOf(query) });
      onDone();
      onClose();
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
      title="Rename, move, share"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={values.name.trim() === ''} onClick={() => void save()}>
            Save changes
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <HeadFields
          values={values}
          onChange={(change) => setValues({ ...values, ...change })}
          errorOf={faultIn(failure)}
        >
          <FormFailure failure={failure && failure.faults.length === 0 ? failure : null} />
        </HeadFields>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** The server's word on a field. */
export const faultIn =
  (failure: ApiFailure | null) =>
  (name: string): string | undefined =>
    failure?.faults.find(({ path }) => path.replace(/^(body)?[./]?/, '') === name)?.message;
