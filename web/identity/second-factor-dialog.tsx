import { useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { encode } from 'uqr';
import { api } from '../kit/api.ts';
import { asFailure, type ApiFailure } from '../kit/failure.ts';
import { useMe } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Copy, copyText } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { CodeBoxes } from './code-boxes.tsx';

export type FactorAct = 'set-up' | 'renew' | 'remove';
const titles: Readonly<Record<FactorAct, string>> = {
  'set-up': 'Set up a second factor',
  renew: 'New recovery codes',
  remove: 'Turn off the second factor',
};

/** Sets up, renews or turns off the second factor, a step at a time. */
export function SecondFactorDialog({ act, onClose }: { act: FactorAct; onClose: () => void }) {
  const client = useQueryClient();
  const { user } = useMe();
  const [offer, setOffer] = useState<{ secret: string; otpauthUrl: string } | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async <T,>(work: () => Promise<T>, then: (answer: T) => void) => {
    setBusy(true);
    setFailure(null);
    try {
      then(await work());
    } catch (error) {
      setFailure(asFailure(error));
      setCode('');
    } finally {
      setBusy(false);
    }
  };
  const refresh = () => void client.invalidateQueries({ queryKey: ['session'] });
  const confirm = (full: string) =>
    ask(
      () => api.confirmSecondFactor({ body: { code: full } }),
      ({ recoveryCodes }) => {
        setCodes(recoveryCodes);
        refresh();
      },
    );
  const renew = (full: string) =>
    ask(
      () => api.renewRecoveryCodes({ body: { code: full } }),
      ({ recoveryCodes }) => {
        setCodes(recoveryCodes);
        refresh();
      },
    );
  if (codes) return <RecoveryCodes codes={codes} onClose={onClose} />;

  if (act === 'set-up' && offer) {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        width={440}
        title={titles[act]}
        description="Scan the code with your authenticator app, then enter the six digits it shows."
        foot={
          <Button look="primary" busy={busy} disabled={code.length < 6} onClick={() => void confirm(code)}>
            Turn on
          </Button>
        }
      >
        <div className="flex flex-col items-center gap-4">
          <QrCode text={offer.otpauthUrl} />
          <p className="text-center text-meta text-text-2">
            No camera? Type this secret:{' '}
            <span className="font-mono break-all text-text">
              <Copy text={offer.secret} what="secret">
                {offer.secret.match(/.{1,4}/g)?.join(' ')}
              </Copy>
            </span>
          </p>
          <CodeBoxes
            value={code}
            onValue={setCode}
            onFull={(full) => void confirm(full)}
            disabled={busy}
            invalid={failure?.code === 'identity.code_wrong'}
          />
          <FormFailure failure={failure} />
        </div>
      </Dialog>
    );
  }
  if (act === 'renew') {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        width={440}
        title={titles[act]}
        description="The old codes stop. Enter the six digits of your app."
        foot={
          <Button look="primary" busy={busy} disabled={code.length < 6} onClick={() => void renew(code)}>
            Make new codes
          </Button>
        }
      >
        <div className="flex flex-col gap-4">
          <CodeBoxes
            value={code}
            onValue={setCode}
            onFull={(full) => void renew(full)}
            disabled={busy}
            invalid={failure?.code === 'identity.code_wrong'}
          />
          <FormFailure failure={failure} />
        </div>
      </Dialog>
    );
  }
  const send = () =>
    act === 'remove'
      ? ask(
          () => api.removeSecondFactor({ body: { password, code: code || undefined } }),
          () => {
            toast.done('The second factor is off');
            refresh();
            onClose();
          },
        )
      : ask(() => api.offerSecondFactor({ body: { password } }), setOffer);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={420}
      title={titles[act]}
      description="First your password."
      foot={
        <Button
          look={act === 'remove' ? 'danger-solid' : 'primary'}
          busy={busy}
          disabled={!password}
          onClick={() => void send()}
        >
          {act === 'remove' ? 'Turn off' : 'Continue'}
        </Button>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <input type="hidden" autoComplete="username" value={user.email} readOnly />
        <Field label="Password">
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="password"
              autoFocus
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        {act === 'remove' && (
          <Field label="Code of your app, or a recovery code">
            {(slot) => (
              <Input
                {...slotProps(slot)}
                mono
                autoComplete="one-time-code"
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            )}
          </Field>
        )}
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

/** A QR code as plain SVG. It is dark on light in both themes: many cameras cannot read the inverse. */
function QrCode({ text }: { text: string }) {
  const { data, size } = useMemo(() => encode(text, { border: 2 }), [text]);
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg
      data-theme="light"
      role="img"
      aria-label="QR code for your authenticator app"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-48 rounded-md bg-surface"
    >
      <path d={path} className="fill-text" />
    </svg>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = codes.join('\n');
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    link.download = 'windlass-recovery-codes.txt';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title="Keep your recovery codes"
      description="Each works once, in place of a code, when the app is lost. They are shown this once."
      foot={
        <>
          <Button onClick={() => void copyText(text)}>Copy</Button>
          <Button icon={Download} onClick={download}>
            Download
          </Button>
          <Button look="primary" onClick={onClose}>
            I have kept them
          </Button>
        </>
      }
    >
      <ul className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-line bg-sunken p-4 font-mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Dialog>
  );
}
