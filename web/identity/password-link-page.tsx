import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { z } from 'zod';
import { NewPassword } from '#contracts/identity/accounts.ts';
import type { PasswordLinkOffer } from '#contracts/identity/password-links.ts';
import { api } from '../kit/api.ts';
import { Button } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { EntryForm } from './entry-form.tsx';
import { LinkAnswer } from './link-answer.tsx';
import { EntryFrame, EntryHead } from './entry-frame.tsx';

/** A new password by a one-time link. All sessions of the person end with it. */
export function PasswordLinkPage() {
  const { token } = useParams({ strict: false }) as { token: string };
  const [isDone, setDone] = useState(false);
  const offer = useQuery({
    queryKey: ['password-link', token],
    queryFn: ({ signal }) => api.getPasswordLink({ params: { token }, signal }),
    retry: false,
    // A used link is gone: looking again would replace the good news by an error.
    enabled: !isDone,
    refetchOnWindowFocus: false,
  });
  return (
    <EntryFrame title="New password">
      {isDone ? (
        <div role="status">
          <EntryHead title="The password is changed">All your sessions have ended. Sign in with the new one.</EntryHead>
          <Button asChild look="primary" className="h-10! w-full">
            <Link to="/sign-in">Sign in</Link>
          </Button>
        </div>
      ) : (
        <LinkAnswer of={offer} what="The link" instead={{ to: '/forgot-password', act: 'Ask for a new link' }}>
          {(data) => <Change token={token} offer={data} onDone={() => setDone(true)} />}
        </LinkAnswer>
      )}
    </EntryFrame>
  );
}

function Change({ token, offer, onDone }: { token: string; offer: PasswordLinkOffer; onDone: () => void }) {
  const entry = useApiForm({
    schema: z.object({ password: NewPassword }),
    defaults: { password: '' },
    submit: async (body) => {
      await api.usePasswordLink({ params: { token }, body });
      onDone();
    },
  });
  const { form, errorOf } = entry;
  return (
    <>
      <EntryHead title="Choose a new password">{`For ${offer.email}.`}</EntryHead>
      <EntryForm form={entry} act="Set the password">
        <input type="hidden" autoComplete="username" value={offer.email} readOnly />
        {offer.removesSecondFactor && (
          <Note tone="wait">Your second factor goes as well. Set up a new one in your account afterwards.</Note>
        )}
        <Field
          label="New password"
          hint={
            <>
              At least 8 characters. Several words are best. The link ends <RelativeTime at={offer.expiresAt} />.
            </>
          }
          error={errorOf('password')}
        >
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="password"
              autoFocus
              autoComplete="new-password"
              {...form.register('password')}
            />
          )}
        </Field>
      </EntryForm>
    </>
  );
}
