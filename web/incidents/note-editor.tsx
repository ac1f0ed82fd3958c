import { useState } from 'react';
import { api } from '../kit/api.ts';
import { useMe } from '../kit/session.ts';
import { useOnCall } from '../oncall/oncall.ts';
import { Button } from '../ui/button.tsx';
import { Textarea } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { type NoteCommand, readNoteCommand } from './note-command.ts';
import { useKeptText } from './use-kept-text.ts';

interface NoteEditorProps {
  incidentId: string;
  refusal: string | null;
  onWritten: () => void;
  /** Does what a command asks for; answers whether it could. */
  onCommand: (command: NoteCommand) => Promise<boolean>;
}

/** Writes a note. What is not sent yet is kept in this browser; a note that begins with a slash does something instead. */
export function NoteEditor({ incidentId, refusal, onWritten, onCommand }: NoteEditorProps) {
  const { user } = useMe();
  const people = useOnCall().data?.people ?? [];
  const { text = '', setText, drop } = useKeptText(`note ${incidentId}`);
  const [busy, setBusy] = useState(false);
  // The same key until it has been written: a lost answer does not write it twice.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const command = readNoteCommand(text, people, user.id);
  const send = async () => {
    if (!text.trim() || busy || refusal !== null) return;
    if (command?.does === 'unknown') {
      toast.note(command.why);
      return;
    }
    setBusy(true);
    try {
      if (command) {
        if (await onCommand(command)) drop();
      } else {
        await api.noteIncident({ params: { id: incidentId }, body: { text: text.trim() }, idempotencyKey: key });
        setKey(crypto.randomUUID());
        drop();
        onWritten();
      }
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className="flex flex-none items-end gap-2 border-t border-line bg-surface px-5 py-3 max-sm:px-4"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        aria-label="Write a note"
        rows={Math.min(8, Math.max(1, text.split('\n').length))}
        className="max-h-48 min-h-[34px] max-sm:min-h-11"
        placeholder="Write a note. Markdown; / runs a command: /assign, /sev, /page, /playbook"
        maxLength={20_000}
        value={text}
        disabled={refusal !== null}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void send();
        }}
      />
      <Button type="submit" keys="mod+enter" busy={busy} refusal={refusal} disabled={!text.trim()}>
        {command ? 'Do it' : 'Add note'}
      </Button>
    </form>
  );
}
