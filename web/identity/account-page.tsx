import { useQuery, useQueryClient } from '@tanstack/react-query';
import { LogOut, Monitor } from 'lucide-react';
import { z } from 'zod';
import { ChangePassword } from '#contracts/identity/accounts.ts';
import { Name } from '#contracts/kit/schemas.ts';
import { api } from '../kit/api.ts';
import { useKept } from '../kit/kept.ts';
import { Go } from '../kit/navigation.tsx';
import { useMe } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead, Tag } from '../ui/card.tsx';
import { Switch } from '../ui/choice.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { clientName } from './client-name.ts';
import { codeWords, useFactor } from './factor-fields.tsx';
import { SecondFactorCard } from './second-factor-card.tsx';
import { withFactor } from './security-key.ts';

/** One's own account: name, time zone, password, second factor, sessions. */
export function AccountPage() {
  return (
    <Page title="Your account" testId="account.page">
      <div className="flex max-w-[720px] flex-col gap-4 px-5 pb-8">
        <Profile />
        <NotificationsCard />
        <SecondFactorCard />
        <PasswordCard />
        <Sessions />
      </div>
    </Page>
  );
}

function Profile() {
  const { user } = useMe();
  const client = useQueryClient();
  const [zone, setZone] = useKept('zone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [letters, setLetters] = useKept('letters', 'on');
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: z.object({ name: Name }),
    defaults: { name: user.name },
    submit: async (body) => {
      client.setQueryData(['session'], await api.updateMe({ body }));
      toast.done('Your name is saved');
    },
  });
  const changeZone = (next: string) => {
    setZone(next);
    api.updateMe({ body: { preferences: { timeZone: next } } }).catch(toast.failure);
  };
  return (
    <Card label="Profile" className="p-4">
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <Field label="Name" error={errorOf('name')}>
          {(slot) => <Input {...slotProps(slot)} {...form.register('name')} />}
        </Field>
        <Field label="Mail address">{(slot) => <Input {...slotProps(slot)} value={user.email} readOnly />}</Field>
        <Field label="Time zone" hint="Every time in the console is shown in it.">
          {(slot) => (
            <Combobox
              id={slot.id}
              value={zone}
              onValue={changeZone}
              options={Intl.supportedValuesOf('timeZone').map((name) => ({
                value: name,
                label: name.replaceAll('_', ' '),
              }))}
            />
          )}
        </Field>
        <div className="col-span-full flex items-center gap-3">
          <div className="min-w-0 flex-1">
            <p className="font-medium">Keys of one letter</p>
            <p className="text-meta text-text-3">
              Off: letters alone do nothing outside fields and lists. The palette has every act.
            </p>
          </div>
          <Switch
            label="Keys of one letter"
            checked={letters === 'on'}
            onChecked={(on) => setLetters(on ? 'on' : 'off')}
          />
        </div>
        <div className="col-span-full flex flex-col gap-3">
          <FormFailure failure={failure} />
          <Button type="submit" className="self-start" busy={busy} disabled={!form.formState.isDirty}>
            Save name
          </Button>
        </div>
      </form>
    </Card>
  );
}

function NotificationsCard() {
  return (
    <Card label="Notifications" className="flex flex-wrap items-center gap-3 px-4 py-3">
      <div className="min-w-0 flex-1">
        <p className="font-medium">Notifications</p>
        <p className="text-meta text-text-2">By what you are told, in what order, and when not.</p>
      </div>
      <Button asChild>
        <Go to="/account/notifications">Set up</Go>
      </Button>
    </Card>
  );
}

function PasswordCard() {
  const { user } = useMe();
  const factor = useFactor();
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: ChangePassword.extend({ code: z.string().optional() }),
    defaults: { currentPassword: '', newPassword: '', code: '' },
    submit: async ({ code, ...body }) => {
      await withFactor(code ?? '', (shown) => api.changePassword({ body: { ...body, ...shown } }));
      toast.done('The password is changed; your other sessions have ended');
      form.reset();
    },
  });
  return (
    <Card label="Password" className="p-4">
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
        <input type="hidden" autoComplete="username" value={user.email} readOnly />
        <Field label="Password now" error={errorOf('currentPassword')}>
          {(slot) => (
            <Input
              {...slotProps(slot)}
              type="password"
              autoComplete="current-password"
              {...form.register('currentPassword')}
            />
          )}
        </Field>
        <Field label="New password" hint="At least 8 characters." error={errorOf('newPassword')}>
          {(slot) => (
            <Input {...slotProps(slot)} type="password" autoComplete="new-password" {...form.register('newPassword')} />
          )}
        </Field>
        {factor.data?.isOn && (
          <Field {...codeWords(factor.data)} error={errorOf('code')}>
            {(slot) => <Input {...slotProps(slot)} mono autoComplete="one-time-code" {...form.register('code')} />}
          </Field>
        )}
        <div className="col-span-full flex flex-col gap-3">
          <FormFailure failure={failure} />
          <Button type="submit" className="self-start" busy={busy}>
            Change password
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Sessions() {
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: ['session', 'all'], queryFn: ({ signal }) => api.listMySessions({ signal }) });
  const end = (work: Promise<unknown>, message: string) =>
    work.then(() => {
      toast.done(message);
      void client.invalidateQueries({ queryKey: ['session', 'all'] });
    }, toast.failure);
  return (
    <Card label="Sessions">
      <SectionHead
        title="Where you are signed in"
        end={
          <Button
            size="sm"
            icon={LogOut}
            onClick={() => void end(api.endMyOtherSessions({}), 'All other sessions have ended')}
          >
            End all others
          </Button>
        }
      />
      <Answer of={sessions} what="The sessions" waiting={<SkeletonLines />}>
        {({ data }) => (
          <ul>
            {data.map((session) => (
              <li key={session.id} className="flex items-center gap-3 border-t border-line px-4 py-2">
                <Icon of={Monitor} className="text-text-3" />
                <div className="min-w-0 flex-1">
                  <p className="flex items-center gap-2 truncate" title={session.client ?? undefined}>
                    {clientName(session.client)} {session.isCurrent && <Tag tone="ok">this one</Tag>}
                    {session.hasSecondFactor && <Tag>second factor</Tag>}
                  </p>
                  <p className="text-meta text-text-2">
                    <span className="font-mono text-[11.5px]">{session.address ?? 'unknown address'}</span> · seen{' '}
                    <RelativeTime at={session.lastSeenAt} />
                  </p>
                </div>
                {!session.isCurrent && (
                  <Button
                    size="sm"
                    onClick={() => void end(api.endMySession({ params: { id: session.id } }), 'The session has ended')}
                  >
                    End
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}
