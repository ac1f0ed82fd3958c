import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { SecondFactor } from '#contracts/identity/accounts.ts';
import { api } from '../kit/api.ts';
import { useMe } from '../kit/session.ts';
import { Field, slotProps } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';

export type Factor = z.infer<typeof SecondFactor>;

/** The person's second factor: app, keys, how many recovery codes are left. */
export const useFactor = () =>
  useQuery({ queryKey: ['session', 'factor'], queryFn: ({ signal }) => api.getSecondFactor({ signal }) });

/** The words at a field for a code, by what the person has. */
export const codeWords = ({ confirmedAt, securityKeys }: Factor): { label: string; hint?: string } => ({
  label: confirmedAt ? 'Code of your app, or a recovery code' : 'Recovery code',
  ...(securityKeys.length > 0 && { hint: 'Leave it empty to use a security key.' }),
});

/** A code, or nothing where a security key shall be asked. */
export function CodeField({
  factor,
  value,
  onValue,
}: {
  factor: Factor;
  value: string;
  onValue: (code: string) => void;
}) {
  return (
    <Field {...codeWords(factor)}>
      {(slot) => (
        <Input
          {...slotProps(slot)}
          mono
          autoComplete="one-time-code"
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

/** The password once more, and a second factor where there is one. */
export function ProofFields({
  factor,
  password,
  onPassword,
  code,
  onCode,
}: {
  factor: Factor;
  password: string;
  onPassword: (password: string) => void;
  code: string;
  onCode: (code: string) => void;
}) {
  const { user } = useMe();
  return (
    <>
      <input type="hidden" autoComplete="username" value={user.email} readOnly />
      <Field label="Password">
        {(slot) => (
          <Input
            {...slotProps(slot)}
            type="password"
            autoFocus
            autoComplete="current-password"
            value={password}
            onChange={(event) => onPassword(event.target.value)}
          />
        )}
      </Field>
      {factor.isOn && <CodeField factor={factor} value={code} onValue={onCode} />}
    </>
  );
}
