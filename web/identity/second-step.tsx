import { FileText, KeyRound, Smartphone, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { FactorsOffered } from '#contracts/identity/key-answers.ts';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { Button } from '../ui/button.tsx';
import { FormFailure } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { StatusShapeOnly } from '../ui/status-glyph.tsx';
import { CodeBoxes } from './code-boxes.tsx';
import { enter } from './enter.ts';
import { EntryHead } from './entry-frame.tsx';
import { askKey, stopAsking, withFactor } from './security-key.ts';

export interface Accepted {
  email: string;
  password: string;
}

type Way = 'app' | 'key' | 'recovery';
const ways: Readonly<Record<Way, { title: string; hint: string; act: string; icon: LucideIcon }>> = {
  app: {
    title: 'Enter the code from your app',
    hint: 'Six digits of your authenticator app.',
    act: 'Use the code from the app',
    icon: Smartphone,
  },
  key: {
    title: 'Use your security key',
    hint: 'Put it in or hold it near, then do what the browser says.',
    act: 'Use a security key',
    icon: KeyRound,
  },
  recovery: {
    title: 'Enter a recovery code',
    hint: 'Each one works once.',
    act: 'Use a recovery code',
    icon: FileText,
  },
};

/** The second factor: six digits of the app, a security key, or a recovery code. A key that is the only one is asked at once. */
export default function SecondStep({
  accepted,
  offered,
  next,
  onBack,
}: {
  accepted: Accepted;
  offered: FactorsOffered;
  next: string | undefined;
  onBack: () => void;
}) {
  const open: Way[] = [
    ...(offered.hasApp ? (['app'] as const) : []),
    ...(offered.key ? (['key'] as const) : []),
    'recovery',
  ];
  const [way, setWay] = useState<Way>(open[0] ?? 'recovery');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  // What is tried now: the answer to what was left for another way counts no more.
  const attempt = useRef(0);
  const attend = async (work: () => ReturnType<typeof api.signIn>) => {
    const mine = (attempt.current += 1);
    setBusy(true);
    setFailure(null);
    try {
      const signedIn = await work();
      if (mine === attempt.current) enter(signedIn, next);
    } catch (error) {
      if (mine !== attempt.current) return;
      setFailure(asFailure(error));
      setCode('');
      setBusy(false);
    }
  };
  const send = (full: string) => attend(() => api.signIn({ body: { ...accepted, code: full } }));
  // What the key was asked with the password is good for one answer; for another the password is sent again.
  const asked = useRef(offered.key);
  const sendKey = () =>
    attend(async () => {
      const challenge = asked.current;
      asked.current = null;
      return challenge
        ? api.signIn({ body: { ...accepted, key: await askKey(challenge) } })
        : withFactor('', (shown) => api.signIn({ body: { ...accepted, ...shown } }));
    });
  const isAsked = useRef(false);
  useEffect(() => {
    if (open[0] !== 'key' || isAsked.current) return;
    isAsked.current = true;
    void sendKey();
  });
  const turnTo = (other: Way) => {
    if (way === 'key' && busy) void stopAsking();
    attempt.current += 1;
    setBusy(false);
    setWay(other);
    setCode('');
    setFailure(null);
    if (other === 'key') void sendKey();
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
      <EntryHead title={ways[way].title}>{ways[way].hint}</EntryHead>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (way === 'key') void sendKey();
          else if (code.length >= 6) void send(code);
        }}
        className="flex flex-col gap-4"
      >
        {way === 'recovery' && (
          <Input
            aria-label="Recovery code"
            mono
            autoFocus
            autoComplete="off"
            value={code}
            onChange={(event) => setCode(event.target.value)}
            className="h-10!"
          />
        )}
        {way === 'app' && (
          <CodeBoxes
            value={code}
            onValue={setCode}
            onFull={(full) => void send(full)}
            disabled={busy}
            invalid={failure?.code === 'identity.code_wrong'}
          />
        )}
        <FormFailure failure={failure} />
        <Button
          type="submit"
          look="primary"
          busy={busy}
          disabled={way !== 'key' && code.length < 6}
          className="h-10! w-full"
        >
          {way !== 'key' ? 'Continue' : failure ? 'Ask the key again' : 'Ask the key'}
        </Button>
      </form>
      {open.length > 1 && (
        <>
          <div className="my-4 flex items-center gap-3 text-meta text-text-3">
            <span className="h-px flex-1 bg-line" />
            or
            <span className="h-px flex-1 bg-line" />
          </div>
          <div className="flex flex-col gap-2">
            {open
              .filter((other) => other !== way)
              .map((other) => (
                <Button key={other} icon={ways[other].icon} className="h-[38px]! w-full" onClick={() => turnTo(other)}>
                  {ways[other].act}
                </Button>
              ))}
          </div>
        </>
      )}
      <p className="mt-6 text-center text-meta text-text-3">
        {offered.keyAddress && `Your security keys work at ${offered.keyAddress}. `}
        None of these at hand? Ask an admin.
      </p>
    </>
  );
}
