import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SecurityKey } from '#contracts/identity/key-answers.ts';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { toast } from '../ui/toast.tsx';
import { type Factor, ProofFields } from './factor-fields.tsx';
import { ProofDialog } from './proof-dialog.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { makeKey, withFactor } from './security-key.ts';
import { useAsk } from './use-ask.ts';

interface KeyDialogProps {
  factor: Factor;
  onClose: () => void;
}

/** Adds a security key: its name, the password, then the browser asks for the key itself. */
export function AddSecurityKey({ factor, onClose }: KeyDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [proof, setProof] = useState({ password: '', code: '' });
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const { ask, busy, failure } = useAsk(() => setProof((given) => ({ ...given, code: '' })));
  const { password, code } = proof;
  const canSend = name.trim() !== '' && password !== '';
  const send = () =>
    ask(
      async () => {
        const offer = await withFactor(code, (shown) => api.offerSecurityKey({ body: { password, ...shown } }));
        return api.addSecurityKey({ body: { name, ...(await makeKey(offer)) } });
      },
      ({ securityKey, recoveryCodes }) => {
        void client.invalidateQueries({ queryKey: ['session'] });
        toast.done(`${securityKey.name} is added`);
        if (recoveryCodes.length > 0) setCodes(recoveryCodes);
        else onClose();
      },
    );
  if (codes) return <RecoveryCodes codes={codes} onClose={onClose} />;
  return (
    <ProofDialog
      title="Add a security key"
      description="A key in your hand, or this device. The browser asks for it next."
      act={
        <Button look="primary" busy={busy} disabled={!canSend} onClick={() => void send()}>
          Continue
        </Button>
      }
      onSubmit={() => canSend && void send()}
      failure={failure}
      onClose={onClose}
    >
      <Field label="Name of the key" hint="So that you know it again, as “Blue key”.">
        {(slot) => (
          <Input
            {...slotProps(slot)}
            autoFocus
            autoComplete="off"
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Proof factor={factor} proof={proof} onProof={setProof} />
    </ProofDialog>
  );
}

/** Removes a security key. With the last factor its recovery codes go as well. */
export function RemoveSecurityKey({ of: key, factor, onClose }: KeyDialogProps & { of: SecurityKey }) {
  const client = useQueryClient();
  const [proof, setProof] = useState({ password: '', code: '' });
  const { ask, busy, failure } = useAsk(() => setProof((given) => ({ ...given, code: '' })));
  const { password, code } = proof;
  const isLast = factor.confirmedAt === null && factor.securityKeys.length === 1;
  const send = () =>
    ask(
      () =>
        withFactor(code, (shown) => api.removeSecurityKey({ params: { id: key.id }, body: { password, ...shown } })),
      () => {
        toast.done(`${key.name} is removed`);
        void client.invalidateQueries({ queryKey: ['session'] });
        onClose();
      },
    );
  return (
    <ProofDialog
      title={`Remove ${key.name}`}
      description={
        isLast
          ? 'It is your only second factor: your password alone opens your account then, and the recovery codes go.'
          : 'It opens your account no more. First your password.'
      }
      act={
        <Button look="danger-solid" busy={busy} disabled={!password} onClick={() => void send()}>
          Remove key
        </Button>
      }
      onSubmit={() => password && void send()}
      failure={failure}
      onClose={onClose}
    >
      <Proof factor={factor} proof={proof} onProof={setProof} />
    </ProofDialog>
  );
}

interface GivenProof {
  password: string;
  code: string;
}

const Proof = ({
  factor,
  proof,
  onProof,
}: {
  factor: Factor;
  proof: GivenProof;
  onProof: (change: (given: GivenProof) => GivenProof) => void;
}) => (
  <ProofFields
    factor={factor}
    password={proof.password}
    onPassword={(password) => onProof((given) => ({ ...given, password }))}
    code={proof.code}
    onCode={(code) => onProof((given) => ({ ...given, code }))}
  />
);
