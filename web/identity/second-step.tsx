import { FileText } from 'lucide-react';
import { useState } from 'react';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { FormFailure } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import { CodeBoxes } from './code-boxes.tsx';
import { enter } from './enter.ts';
import { EntryHead } from './entry-frame.tsx';

export interface Accepted {
  email: string;
  password: string;
}

/** The second factor: six digits of the app, or a recovery code. */
export default function SecondStep({
  accepted,
  next,
  onBack,
}: {
  accepted: Accepted;
  next: string | undefined;
  onBack: () => void;
}) {
  const [code, setCode] = useState('');
  const [isRecovery, setRecovery] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const send = async (full: string) => {
    setBusy(true);
    setFailure(null);
    try {
      enter(await api.signIn({ body: { ...accepted, code: full } }), next);
    } catch (error) {
      setFailure(asFailure(error));
      setCode('');
      setBusy(false);
    }
  };
  return (
    <>
      <div className="mb-7 flex items-center gap-2.5 rounded-lg border border-line bg-sunken px-3 py-2.5">
        <span className="text-ok-fg">
          <StatusShapeOnly status="succeeded" />
        </span>
        <p className="min-w-0 flex-1 leading-[18px]">
          <span className="block truncate">{accepted.email}</span>
          <span className="text-meta text-text-2">Password accepted</span>
        </p>
        <button type="button" onClick={onBack} className="text-meta text-accent hover:underline">
          Change
        </button>
      </div>
      <EntryHead title={isRecovery ? 'Enter a recovery code' : 'Enter the code from your app'}>
        {isRecovery ? 'Each one works once.' : 'Six digits of your authenticator app.'}
      </EntryHead>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (code.length >= 6) void send(code);
        }}
        className="flex flex-col gap-4"
      >
        {isRecovery ? (
          <Input
            aria-label="Recovery code"
            mono
            autoFocus
            autoComplete="off"
            value={code}
            onChange={(event) => setCode(event.target.value)}
            className="h-10!"
          />
        ) : (
          <CodeBoxes
            value={code}
            onValue={setCode}
            onFull={(full) => void send(full)}
            disabled={busy}
            invalid={failure?.code === 'identity.code_wrong'}
          />
        )}
        <FormFailure failure={failure} />
        <Button type="submit" look="primary" busy={busy} disabled={code.length < 6} className="h-10! w-full">
          Continue
        </Button>
      </form>
      <div className="my-4 flex items-center gap-3 text-meta text-text-3">
        <span className="h-px flex-1 bg-line" />
        or
        <span className="h-px flex-1 bg-line" />
      </div>
      <Button
        icon={FileText}
        className="h-[38px]! w-full"
        onClick={() => {
          setRecovery(!isRecovery);
          setCode('');
          setFailure(null);
        }}
      >
        {isRecovery ? 'Use the code from the app' : 'Use a recovery code'}
      </Button>
      <p className="mt-6 text-center text-meta text-text-3">No app and no recovery code? Ask an admin.</p>
    </>
  );
}
