import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { z } from 'zod';
import { Email } from '#contracts/identity/accounts.ts';
import { api } from '../kit/api.ts';
import { Note } from '../ui/card.tsx';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { EntryForm } from './entry-form.tsx';
import { EntryFrame, EntryHead } from './entry-frame.tsx';

/** Asks for a link to a new password by mail. The answer never tells whether there is such an account. */
export function ForgotPasswordPage() {
  const [asked, setAsked] = useState<{ email: string; hasMail: boolean } | null>(null);
  const entry = useApiForm({
    schema: z.object({ email: Email }),
    defaults: { email: '' },
    submit: async (body) => setAsked({ email: body.email, ...(await api.forgotPassword({ body })) }),
  });
  const { form, errorOf } = entry;
  return (
    <EntryFrame title="Forgotten password">
      {asked ? (
        <div role="status" className="flex flex-col gap-4">
          <EntryHead title={asked.hasMail ? 'Look into your mail' : 'Ask an administrator'}>
            {asked.hasMail
              ? `If ${asked.email} has an account here, a link to a new password is on its way. It works once, for an hour.`
              : 'This installation sends no mail.'}
          </EntryHead>
          {!asked.hasMail && (
            <Note>
              <span>
                An instance administrator can make a link to a new password for you, under Members and roles or on the
                server with <span className="font-mono">npm run -s password-link -- {asked.email}</span>.
              </span>
            </Note>
          )}
        </div>
      ) : (
        <>
          <EntryHead title="Forgotten your password?">A link to a new one goes to your mail address.</EntryHead>
          <EntryForm form={entry} act="Send the link">
            <Field label="Mail address" error={errorOf('email')}>
              {(slot) => (
                <Input
                  {...slotProps(slot)}
                  type="email"
                  autoFocus
                  autoComplete="username"
                  {...form.register('email')}
                />
              )}
            </Field>
          </EntryForm>
        </>
      )}
      <p className="mt-6 text-center text-meta">
        <Link to="/sign-in" className="text-accent hover:underline">
          Back to sign-in
        </Link>
      </p>
    </EntryFrame>
  );
}
