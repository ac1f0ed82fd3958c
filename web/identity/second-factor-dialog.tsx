import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { encode } from 'uqr';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Copy } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { FormFailure } from '../ui/form.tsx';
import { toast } from '../ui/toast.tsx';
import { CodeBoxes } from './code-boxes.tsx';
import { CodeField, type Factor, ProofFields } from './factor-fields.tsx';
import { ProofDialog } from './proof-dialog.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { withFactor } from './security-key.ts';
import { useAsk } from './use-ask.ts';

export type FactorAct = 'set-up' | 'renew' | 'remove';
const titles: Readonly<Record<FactorAct, string>> = {
  'set-up': 'Set up an authenticator app',
  renew: 'New recovery codes',
  remove: 'Turn off the authenticator app',
};

/** Sets up or turns off the app, or renews the recovery codes, a step at a time. */
export function SecondFactorDialog({ act, factor, onClose }: { act: FactorAct; factor: Factor; onClose: () => void }) {
  const client = useQueryClient();
  const [offer, setOffer] = useState<{ secret: string; otpauthUrl: string } | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const { ask, busy, failure } = useAsk(() => setCode(''));
  const refresh = () => void client.invalidateQueries({ queryKey: ['session'] });
  const confirm = (full: string) =>
    ask(
      () => api.confirmSecondFactor({ body: { code: full } }),
      ({ recoveryCodes }) => {
        refresh();
        if (recoveryCodes.length > 0) return setCodes(recoveryCodes);
        toast.done('The app is set up; your recovery codes stay good');
        onClose();
      },
    );
  const renew = (full: string) =>
    ask(
      () => withFactor(full, (shown) => api.renewRecoveryCodes({ body: shown })),
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
    // The sixth digit sends; where a key or a recovery code may come instead, the field takes any of them.
    const takesDigits = factor.confirmedAt !== null && factor.securityKeys.length === 0;
    return (
      <Dialog
        isOpen
        onClose={onClose}
        width={440}
        title={titles[act]}
        description={takesDigits ? 'The old codes stop. Enter the six digits of your app.' : 'The old codes stop.'}
        foot={
          <Button look="primary" busy={busy} disabled={takesDigits && code.length < 6} onClick={() => void renew(code)}>
            Make new codes
          </Button>
        }
      >
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            void renew(code);
          }}
        >
          {takesDigits ? (
            <CodeBoxes
              value={code}
              onValue={setCode}
              onFull={(full) => void renew(full)}
              disabled={busy}
              invalid={failure?.code === 'identity.code_wrong'}
            />
          ) : (
            <CodeField factor={factor} value={code} onValue={setCode} />
          )}
          <FormFailure failure={failure} />
        </form>
      </Dialog>
    );
  }
  const send = () =>
    act === 'remove'
      ? ask(
          () => withFactor(code, (shown) => api.removeSecondFactor({ body: { password, ...shown } })),
          () => {
            toast.done('The app is off');
            refresh();
            onClose();
          },
        )
      : ask(
          () => withFactor(code, (shown) => api.offerSecondFactor({ body: { password, ...shown } })),
          (made) => {
            setOffer(made);
            setCode('');
          },
        );
  return (
    <ProofDialog
      onClose={onClose}
      title={titles[act]}
      description="First your password."
      failure={failure}
      onSubmit={() => password && void send()}
      act={
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
      <ProofFields factor={factor} password={password} onPassword={setPassword} code={code} onCode={setCode} />
    </ProofDialog>
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
