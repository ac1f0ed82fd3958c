import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { SignIn } from '#contracts/identity/accounts.ts';
import type { FactorsOffered } from '#contracts/identity/key-answers.ts';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { Field, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { enter } from './enter.ts';
import { EntryForm } from './entry-form.tsx';
import { EntryFrame, EntryHead } from './entry-frame.tsx';
import type { Accepted } from './second-step.tsx';

interface Asked {
  accepted: Accepted;
  offered: FactorsOffered;
}

// Not everybody has a second factor, and few see the demo.
const SecondStep = lazy(() => import('./second-step.tsx'));
const DemoDoors = lazy(async () => ({ default: (await import('./demo-doors.tsx')).DemoDoors }));

/** Mail and password, then the second factor where there is one; then on to the link that was asked for. */
export function SignInPage() {
  const { next } = useSearch({ strict: false }) as { next?: string };
  const [accepted, setAccepted] = useState<Asked | null>(null);
  const setup = useQuery({ queryKey: ['setup'], queryFn: ({ signal }) => api.getSetup({ signal }), retry: false });
  return (
    <EntryFrame title="Sign in">
      <Suspense fallback={null}>{setup.data?.isDemo && !accepted && <DemoDoors next={next} />}</Suspense>
      {accepted ? (
        <Suspense fallback={null}>
          <SecondStep {...accepted} next={next} onBack={() => setAccepted(null)} />
        </Suspense>
      ) : (
        <FirstStep next={next} onCode={setAccepted} />
      )}
    </EntryFrame>
  );
}

function FirstStep({ next, onCode }: { next: string | undefined; onCode: (asked: Asked) => void }) {
  const entry = useApiForm({
    schema: SignIn.pick({ email: true, password: true }),
    defaults: { email: '', password: '' },
    submit: async (body) => {
      try {
        enter(await api.signIn({ body }), next);
      } catch (error) {
        const { code, details } = asFailure(error);
        if (code !== 'identity.code_needed') throw error;
        onCode({ accepted: body, offered: details as FactorsOffered });
      }
    },
  });
  const { form, errorOf } = entry;
  return (
    <>
      <EntryHead title="Sign in">With the address you were invited by.</EntryHead>
      <EntryForm form={entry} act="Continue">
        <Field label="Mail address" error={errorOf('email')}>
          {(slot) => (
            <Input {...slotProps(slot)} type="email" autoFocus autoComplete="username" {...form.register('email')} />
          )}
        </Field>
        <Field label="Password" error={errorOf('password')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="password"
              autoComplete="current-password"
              {...form.register('password')}
            />
          )}
        </Field>
      </EntryForm>
      <p className="mt-6 text-center text-meta">
        <Link to="/forgot-password" className="text-accent hover:underline">
          Forgotten the password?
        </Link>
      </p>
    </>
  );
}
