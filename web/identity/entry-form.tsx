import type { ReactNode, SyntheticEvent } from 'react';
import type { ApiFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { FormFailure } from '../ui/form.tsx';

interface EntryFormProps {
  /** What `useApiForm` gives. */
  form: { onSubmit: (event?: SyntheticEvent) => Promise<void>; failure: ApiFailure | null; busy: boolean };
  act: string;
  children: ReactNode;
}

/** The form of an entry page: fields, what was refused, and one wide button. */
export function EntryForm({ form: { onSubmit, failure, busy }, act, children }: EntryFormProps) {
  return (
    <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      {children}
      <FormFailure failure={failure} />
      <Button type="submit" look="primary" busy={busy} className="h-10! w-full">
        {act}
      </Button>
    </form>
  );
}
