import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { SetUp } from '#contracts/identity/accounts.ts';
import { api } from '../kit/api.ts';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { Note } from '../ui/card.tsx';
import { EntryForm } from './entry-form.tsx';
import { EntryFrame, EntryHead } from './entry-frame.tsx';
import { enter } from './enter.ts';

/** The first start: the owner and the first workspace. */
export function SetUpPage() {
  // The printed link carries the token behind the `#`, which no server and no log ever sees.
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined);
  const navigate = useNavigate();
  const setup = useQuery({ queryKey: ['setup'], queryFn: ({ signal }) => api.getSetup({ signal }), retry: false });
  useEffect(() => {
    if (setup.data && !setup.data.isNeeded) void navigate({ to: '/', replace: true });
  }, [setup.data, navigate]);
  const entry = useApiForm({
    schema: SetUp,
    defaults: { email: '', password: '', name: '', workspace: '', token },
    submit: async (body) => enter(await api.setUp({ body }), undefined),
  });
  const { form, errorOf } = entry;
  return (
    <EntryFrame title="Set up">
      <EntryHead title="Set up Windlass">You become the owner and the instance administrator.</EntryHead>
      <EntryForm form={entry} act="Create owner and workspace">
        {setup.data?.isTokenNeeded && !token && (
          <Note tone="wait">
            Open the set-up link that the server printed when it started. It carries a one-time token.
          </Note>
        )}
        <Field label="Your name" error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} autoFocus autoComplete="name" {...form.register('name')} />}
        </Field>
        <Field label="Mail address" error={errorOf('email')}>
          {(slot) => <Input {...slotProps(slot)} type="email" autoComplete="username" {...form.register('email')} />}
        </Field>
        <Field label="Password" hint="At least 8 characters. Several words are best." error={errorOf('password')}>
          {(slot) => (
            <Input {...slotProps(slot)} type="password" autoComplete="new-password" {...form.register('password')} />
          )}
        </Field>
        <Field label="Workspace" hint="Your team or company; the name can be changed." error={errorOf('workspace')}>
          {(slot) => <Input {...slotProps(slot)} autoComplete="organization" {...form.register('workspace')} />}
        </Field>
      </EntryForm>
    </EntryFrame>
  );
}
