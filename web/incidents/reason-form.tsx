import { useState, type KeyboardEvent } from 'react';
import { Button } from '../ui/button.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Textarea } from '../ui/input.tsx';

interface ReasonFormProps {
  /** What it is asked for: "Why is INC-319 resolved?" */
  label: string;
  act: string;
  onAct: (reason: string) => void;
  onCancel: () => void;
}

/** Asks why, in the place where a card was dropped. */
export function ReasonForm({ label, act, onAct, onCancel }: ReasonFormProps) {
  const [reason, setReason] = useState('');
  const [isShort, setShort] = useState(false);
  const give = () => (reason.trim() ? onAct(reason.trim()) : setShort(true));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) give();
    else if (event.key === 'Escape') onCancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <form
      aria-label={label}
      className="flex flex-col gap-2 rounded-md border border-focus bg-raised p-2.5 shadow-2"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        give();
      }}
    >
      <Field label={label} error={isShort ? 'Say why in a few words.' : undefined}>
        {(slot) => (
          <Textarea
            {...slotProps(slot)}
            autoFocus
            rows={2}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      <span className="flex flex-wrap justify-end gap-1.5">
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="sm" look="primary" type="submit" keys="mod+enter">
          {act}
        </Button>
      </span>
    </form>
  );
}
