import { Check } from 'lucide-react';
import { bytesText } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input } from '../ui/input.tsx';
import { Meter } from '../ui/meter.tsx';

/** A file that was chosen, on its way or there. */
export interface Sending {
  id: number;
  file: File;
  /** By what it will be called. */
  name: string;
  state: 'ready' | 'sending' | 'stored';
  sentBytes: number;
  /** Why it was refused, with what to quote. */
  fault: string | null;
  quote?: string | undefined;
  isNameTaken?: boolean | undefined;
}

/** One file of an upload: its name, how far it is, why it was refused. */
export function SendingRow({
  row,
  onName,
  onNext,
}: {
  row: Sending;
  onName: (name: string) => void;
  onNext: () => void;
}) {
  const { file, name, state, sentBytes, fault } = row;
  const percent = file.size === 0 ? 100 : Math.min(100, Math.round((sentBytes / file.size) * 100));
  return (
    <li data-state={state} className="flex flex-col gap-1.5">
      <Field
        label="Name"
        error={fault ? `${fault}${row.quote ? ` (${row.quote})` : ''}` : undefined}
        aside={
          <span className="num">
            <bdi title={file.name}>{file.name.length > 32 ? `${file.name.slice(0, 31)}…` : file.name}</bdi>
            {` · ${bytesText(file.size)}`}
          </span>
        }
      >
        {(slot) => (
          <span className="flex items-center gap-2">
            <Input
              {...slotProps(slot)}
              mono
              autoComplete="off"
              spellCheck={false}
              maxLength={120}
              readOnly={state !== 'ready'}
              value={name}
              onChange={(event) => onName(event.target.value)}
            />
            {state === 'stored' && (
              <span className="flex flex-none items-center gap-1 text-meta text-ok-fg">
                <Icon of={Check} size={14} /> Stored
              </span>
            )}
          </span>
        )}
      </Field>
      {row.isNameTaken && (
        <Button size="sm" className="self-start" onClick={onNext}>
          Use another name
        </Button>
      )}
      {state === 'sending' && (
        <span className="flex items-center gap-2">
          <Meter value={sentBytes} max={file.size} label={`Sent of ${name}`} family="run" />
          <span className="num w-24 flex-none text-right text-meta text-text-2">
            {percent === 100 ? 'Being stored' : `${bytesText(sentBytes)} · ${percent}%`}
          </span>
        </span>
      )}
    </li>
  );
}
