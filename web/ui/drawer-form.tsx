import type { ReactNode, SyntheticEvent } from 'react';
import type { ApiFailure } from '../kit/failure.ts';
import { Button } from './button.tsx';
import { Drawer } from './dialog.tsx';
import { FormFailure } from './form.tsx';

interface DrawerFormProps {
  title: string;
  width?: number;
  /** What the button does, in its own words: "Save server". */
  act: string;
  busy: boolean;
  disabled?: boolean;
  /** Why the act is off: there is no connection, or a permission is missing. */
  refusal: string | null;
  /** Why it was refused, above the buttons. */
  failure: ApiFailure | null;
  autoComplete?: 'off';
  onClose: () => void;
  /** Called by the button and by Enter. */
  onSubmit: (event?: SyntheticEvent) => unknown;
  children: ReactNode;
}

/** A form in a drawer: fields, what was refused, and the two buttons at the foot. */
export function DrawerForm({
  title,
  width,
  act,
  busy,
  disabled = false,
  refusal,
  failure,
  autoComplete,
  onClose,
  onSubmit,
  children,
}: DrawerFormProps) {
  return (
    <Drawer
      isOpen
      onClose={onClose}
      width={width}
      title={title}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={disabled} refusal={refusal} onClick={() => void onSubmit()}>
            {act}
          </Button>
        </>
      }
    >
      <form
        noValidate
        autoComplete={autoComplete}
        className="flex flex-col gap-4 p-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (refusal === null) void onSubmit(event);
        }}
      >
        {children}
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Drawer>
  );
}
