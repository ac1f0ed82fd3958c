import type { ReactNode } from 'react';
import type { ApiFailure } from '../kit/failure.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormFailure } from '../ui/form.tsx';

/** A dialog that asks who somebody is before it changes how they prove it. Enter sends. */
export function ProofDialog({
  title,
  description,
  act,
  onSubmit,
  failure,
  onClose,
  children,
}: {
  title: string;
  description: string;
  act: ReactNode;
  onSubmit: () => void;
  failure: ApiFailure | null;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog isOpen onClose={onClose} width={420} title={title} description={description} foot={act}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
