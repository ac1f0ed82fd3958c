import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Mail, X } from 'lucide-react';
import { useState } from 'react';
import { Controller } from 'react-hook-form';
import { looksAfter, roles } from '#contracts/identity/permissions.ts';
import { type Invitation, Invite } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useMembership } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { Copy } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { useKnownUnits } from './known-units.ts';
import { roleWords, td, th } from './role-words.ts';
import { UnitChoice, unitWords } from './unit-choice.tsx';

/** Who is invited and has not come yet. */
export function Invitations() {
  const client = useQueryClient();
  const offline = useOffline();
  const known = useKnownUnits();
  // Where no connection has any there is nothing to tell.
  const hasUnits = (data: readonly Invitation[]) => known.length > 0 || data.some(({ units }) => units);
  const invitations = useQuery({
    queryKey: ['members', 'invitations'],
    queryFn: ({ signal }) => api.listInvitations({ signal }),
  });
  const withdraw = (id: string) =>
    api.withdrawInvitation({ params: { id } }).then(() => {
      toast.done('The invitation is withdrawn');
      void client.invalidateQueries({ queryKey: ['members', 'invitations'] });
    }, toast.failure);
  return (
    <Answer
      of={invitations}
      what="The invitations"
      waiting={<SkeletonLines />}
      isEmpty={({ data }) => data.length === 0}
      empty={<p className="px-5 py-4 text-text-2">Nobody is invited.</p>}
    >
      {({ data }) => (
        <table className="w-full">
          <thead>
            <tr>
              <th className={th}>Mail address</th>
              <th className={th}>Role</th>
              {hasUnits(data) && <th className={`${th} max-sm:hidden`}>Business units</th>}
              <th className={th}>Invited by</th>
              <th className={th}>Expires</th>
              <th className={th}>
                <span className="sr-only">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.map((invitation) => (
              <tr key={invitation.id}>
                <td className={`${td} font-medium`}>{invitation.email}</td>
                <td className={td}>{roleWords[invitation.role]}</td>
                {hasUnits(data) && <td className={`${td} text-text-2 max-sm:hidden`}>{unitWords(invitation.units)}</td>}
                <td className={`${td} text-text-2`}>{invitation.invitedBy.name}</td>
                <td className={`${td} text-text-2`}>
                  <RelativeTime at={invitation.expiresAt} />
                </td>
                <td className={`${td} text-right`}>
                  <Button size="sm" icon={X} refusal={offline} onClick={() => void withdraw(invitation.id)}>
                    Withdraw
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Answer>
  );
}

/** Invites somebody; the link is shown once. */
export function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return isOpen ? <InviteForm onClose={onClose} /> : null;
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const membership = useMembership();
  const known = useKnownUnits();
  const [made, setMade] = useState<Awaited<ReturnType<typeof api.invite>> | null>(null);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: Invite,
    defaults: { email: '', role: 'member' as const, units: null },
    submit: async (body) => {
      // Who looks after the workspace sees all of it.
      setMade(await api.invite({ body: { ...body, units: looksAfter(body.role ?? 'member') ? null : body.units } }));
      void client.invalidateQueries({ queryKey: ['members', 'invitations'] });
    },
  });
  if (made) {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        width={520}
        title={`${made.email} is invited`}
        description={
          made.isMailed
            ? 'The link was mailed. You can also send it yourself; it is shown this once.'
            : 'Mail is not set up, so send this link yourself. It is shown this once.'
        }
        foot={
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <CodeBlock what="link" wrap>
          {made.link}
        </CodeBlock>
        <p className="mt-2">
          <Copy text={made.link} what="link">
            Copy the link
          </Copy>
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width={440}
      title="Invite somebody"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" icon={Mail} busy={busy} onClick={() => void onSubmit()}>
            Invite
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        <Field label="Mail address" required error={errorOf('email')}>
          {(slot) => <Input {...slotProps(slot)} type="email" autoFocus {...form.register('email')} />}
        </Field>
        <Field label="Role" hint="Under Roles stands what each may do.">
          {(slot) => (
            <Controller
              control={form.control}
              name="role"
              render={({ field }) => (
                <Select
                  id={slot.id}
                  value={field.value ?? 'member'}
                  onValue={field.onChange}
                  options={roles.map((role) => ({
                    value: role,
                    label: roleWords[role],
                    disabled: role === 'owner' && membership?.role !== 'owner',
                  }))}
                />
              )}
            />
          )}
        </Field>
        {known.length > 0 && !looksAfter(form.watch('role') ?? 'member') && (
          <fieldset>
            <legend className="mb-1 text-meta font-medium">Business units</legend>
            <Controller
              control={form.control}
              name="units"
              render={({ field }) => <UnitChoice value={field.value ?? null} onValue={field.onChange} known={known} />}
            />
          </fieldset>
        )}
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
