import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { z } from 'zod';
import { Code, NewPassword } from '#contracts/identity/accounts.ts';
import type { FactorsOffered } from '#contracts/identity/key-answers.ts';
import { Name } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { EntryForm } from './entry-form.tsx';
import { EntryFrame, EntryHead } from './entry-frame.tsx';
import { enter } from './enter.ts';
import { LinkAnswer } from './link-answer.tsx';
import { type FactorShown, offeredBy, withFactor } from './security-key.ts';

type Offer = Awaited<ReturnType<typeof api.getInvitation>>;

/** An invitation by link: a new person chooses a name and a password, a known one signs in. */
export function InvitationPage() {
  const { token } = useParams({ strict: false }) as { token: string };
  const offer = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => api.getInvitation({ params: { token }, signal }),
    retry: false,
  });
  return (
    <EntryFrame title="Invitation">
      <LinkAnswer of={offer} what="The invitation" instead={{ to: '/sign-in', act: 'Sign in' }}>
        {(data) => <Accept token={token} offer={data} />}
      </LinkAnswer>
    </EntryFrame>
  );
}

function Accept({ token, offer }: { token: string; offer: Offer }) {
  // Known once it was asked for.
  const [factor, setFactor] = useState<FactorsOffered | null>(null);
  const entry = useApiForm({
    schema: z.object({
      name: offer.hasAccount ? z.string().optional() : Name,
      password: offer.hasAccount ? z.string().min(1, 'Your password.') : NewPassword,
      code: Code.or(z.literal('')).optional(),
    }),
    defaults: { name: '', password: '', code: '' },
    submit: async ({ name, password, code }) => {
      const send = (shown: FactorShown) =>
        api.acceptInvitation({ params: { token }, body: { name: name || undefined, password, ...shown } });
      try {
        enter(await (factor ? withFactor(code ?? '', send) : send({})), undefined);
      } catch (error) {
        setFactor((asked) => offeredBy(asFailure(error)) ?? asked);
        throw error;
      }
    },
  });
  const { form, errorOf } = entry;
  return (
    <>
      <EntryHead
        title={`Join ${offer.workspace}`}
      >{`${offer.invitedBy} invites ${offer.email} as ${offer.role}.`}</EntryHead>
      <EntryForm form={entry} act={`Join ${offer.workspace}`}>
        <input type="hidden" autoComplete="username" value={offer.email} readOnly />
        {!offer.hasAccount && (
          <Field label="Your name" error={errorOf('name')}>
            {(slot) => <Input {...slotProps(slot)} autoFocus autoComplete="name" {...form.register('name')} />}
          </Field>
        )}
        <Field
          label="Password"
          hint={offer.hasAccount ? 'Of your account.' : 'At least 8 characters. Several words are best.'}
          error={errorOf('password')}
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="password"
              autoComplete={offer.hasAccount ? 'current-password' : 'new-password'}
              {...form.register('password')}
            />
          )}
        </Field>
        {factor && (
          <Field
            label="Code of your second factor"
            hint={factor.key && 'Leave it empty to use a security key.'}
            error={errorOf('code')}
          >
            {(slot) => <Input {...slotProps(slot)} mono autoComplete="one-time-code" {...form.register('code')} />}
          </Field>
        )}
      </EntryForm>
    </>
  );
}
