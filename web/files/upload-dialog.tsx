import { Upload } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { announce } from '../kit/announce.tsx';
import { ApiFailure, asFailure } from '../kit/failure.ts';
import { useOffline } from '../kit/live.tsx';
import { bytesText } from '../kit/time.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/form.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { nextName, storedName } from './file-names.ts';
import { sendFile } from './send-file.ts';
import { type Sending, SendingRow } from './sending-row.tsx';

const spans = { '': 'Until somebody deletes them', '7': 'A week', '30': '30 days', '90': '90 days', '365': 'A year' } as const; // prettier-ignore

interface UploadDialogProps {
  files: readonly File[];
  mostBytes: number;
  onClose: () => void;
  /** At least one file is stored. */
  onStored: () => void;
}

/** Names for chosen files, then how far each is on its way. One that fails stops none of the others. */
export function UploadDialog({ files, mostBytes, onClose, onStored }: UploadDialogProps) {
  const offline = useOffline();
  const [keepDays, setKeepDays] = useState<string>('');
  const [rows, setRows] = useState<readonly Sending[]>(() =>
    files.map((file, id) => ({
      id,
      file,
      name: storedName(file.name),
      state: 'ready' as const,
      sentBytes: 0,
      fault: file.size > mostBytes ? `It is larger than ${bytesText(mostBytes)}.` : null,
    })),
  );
  const stop = useRef(new AbortController());
  useEffect(() => {
    const held = stop.current;
    return () => held.abort();
  }, []);
  const patch = (id: number, changes: Partial<Sending>) =>
    setRows((old) => old.map((row) => (row.id === id ? { ...row, ...changes } : row)));
  const isSending = rows.some(({ state }) => state === 'sending');
  const waiting = rows.filter(({ state, file }) => state !== 'stored' && file.size <= mostBytes);

  const sendOne = async ({ id, file, name }: Sending): Promise<boolean> => {
    patch(id, { state: 'sending', sentBytes: 0, fault: null });
    try {
      await sendFile({
        file,
        name: name.trim(),
        keepDays: keepDays ? Number(keepDays) : undefined,
        onProgress: (sentBytes) => patch(id, { sentBytes }),
        signal: stop.current.signal,
      });
      patch(id, { state: 'stored', sentBytes: file.size });
      return true;
    } catch (error) {
      if (!(error instanceof ApiFailure)) {
        patch(id, { state: 'ready', sentBytes: 0 });
        return false;
      }
      const { code, message, requestId, faults } = asFailure(error);
      patch(id, {
        state: 'ready',
        sentBytes: 0,
        fault: faults[0]?.message ?? message,
        quote: requestId ? `${code} · ${requestId}` : code,
        isNameTaken: code === 'artifact.name_taken',
      });
      return false;
    }
  };
  const send = async () => {
    stop.current = new AbortController();
    let stored = 0;
    for (const row of waiting) {
      if (stop.current.signal.aborted) break;
      if (await sendOne(row)) stored += 1;
    }
    if (stored > 0) onStored();
    if (stored === waiting.length && stored === rows.filter(({ state }) => state !== 'stored').length) {
      toast.done(stored === 1 ? `${waiting[0]?.name} is stored` : `${stored} files are stored`);
      onClose();
    } else announce(`${stored} of ${waiting.length} files are stored`, 'urgent');
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={600}
      title={rows.length === 1 ? 'Upload a file' : `Upload ${rows.length} files`}
      description="An upload step writes it to servers by this name. Its content never changes; to change it, store another."
      foot={
        <>
          <Button onClick={isSending ? () => stop.current.abort() : onClose}>{isSending ? 'Stop' : 'Cancel'}</Button>
          <Button
            look="primary"
            icon={Upload}
            busy={isSending}
            disabled={waiting.length === 0}
            refusal={offline}
            onClick={() => void send()}
          >
            {waiting.length <= 1 ? 'Upload file' : `Upload ${waiting.length} files`}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isSending && waiting.length > 0) void send();
        }}
      >
        <ul className="flex flex-col gap-3.5" data-testid="files.sending">
          {rows.map((row) => (
            <SendingRow
              key={row.id}
              row={row}
              onName={(name) => patch(row.id, { name, fault: null, quote: undefined, isNameTaken: false })}
              onNext={() =>
                patch(row.id, { name: nextName(row.name), fault: null, quote: undefined, isNameTaken: false })
              }
            />
          ))}
        </ul>
        <Field label={rows.length === 1 ? 'Keep it' : 'Keep them'} className="max-w-64">
          {(slot) => (
            <Select
              id={slot.id}
              value={keepDays}
              onValue={setKeepDays}
              disabled={isSending}
              options={Object.entries(spans).map(([value, label]) => ({
                value,
                label: value === '' && rows.length === 1 ? 'Until somebody deletes it' : label,
              }))}
            />
          )}
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
