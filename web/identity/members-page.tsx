import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, Mail, ShieldCheck, TriangleAlert, UserMinus, X } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import { Controller } from 'react-hook-form';
import { roles, type Role } from '#contracts/identity/permissions.ts';
import { Invite, type Member } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useMe, useMembership, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Note, SectionHead } from '../ui/card.tsx';
import { Copy } from '../ui/copy.tsx';
import { CodeBlock } from '../ui/code-block.tsx';
import { AlertDialog, Dialog } from '../ui/dialog.tsx';
import { Field, FormFailure, slotProps, useApiForm } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { Input, SearchInput } from '../ui/input.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Page } from '../ui/page.tsx';
import { Avatar } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonLines, SkeletonRows } from '../ui/skeleton.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { toast } from '../ui/toast.tsx';

const View = z.object({
  tab: z.enum(['members', 'roles', 'invitations']).default('members'),
  q: z.string().default(''),
  invite: z.string().default(''),
});
export const roleWords: Readonly<Record<Role, string>> = {
  owner: 'Owner',
  admin: 'Admin',
  member: 'Member',
  viewer: 'Viewer',
};

/** Who belongs to the workspace, what each role may do, and who is invited. */
export function MembersPage() {
  const [view, setView] = useUrlState(View);
  const refusal = useRefusal()('members:manage');
  const offline = useOffline();
  const members = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => api.listMembers({ signal }) });
  const invitations = useQuery({
    queryKey: ['members', 'invitations'],
    queryFn: ({ signal }) => api.listInvitations({ signal }),
    enabled: refusal === null,
  });
  return (
    <Page
      title="Members and roles"
      testId="settings.members"
      action={
        <>
          {view.tab === 'members' && (
            <SearchInput
              className="w-[184px]"
              label="Search members"
              placeholder="Name, mail, role"
              value={view.q}
              onValue={(q) => setView({ q }, 'replace')}
            />
          )}
          <Button look="primary" icon={Mail} refusal={offline ?? refusal} onClick={() => setView({ invite: 'true' })}>
            Invite
          </Button>
        </>
      }
      head={
        <Tabs
          label="Members and roles"
          panelId="members-panel"
          value={view.tab}
          onValue={(tab) => setView({ tab })}
          tabs={[
            { value: 'members', label: 'Members', count: members.data?.data.length },
            { value: 'roles', label: 'Roles', count: roles.length },
            ...(refusal === null
              ? [{ value: 'invitations' as const, label: 'Invitations', count: invitations.data?.data.length }]
              : []),
          ]}
        />
      }
    >
      <div id="members-panel" role="tabpanel" tabIndex={0}>
        {view.tab === 'members' && (
          <Answer of={members} what="The members" waiting={<SkeletonRows height={38} />}>
            {({ data }) => <Members members={data} q={view.q} />}
          </Answer>
        )}
        {view.tab === 'roles' && <Roles />}
        {view.tab === 'invitations' && <Invitations />}
      </div>
      <InviteDialog isOpen={view.invite !== ''} onClose={() => setView({ invite: '' }, 'replace')} />
    </Page>
  );
}

const th =
  'h-8 border-b border-line px-2.5 text-left text-meta font-medium whitespace-nowrap text-text-3 first:pl-5 last:pr-5';
const td = 'h-[38px] border-b border-line px-2.5 whitespace-nowrap first:pl-5 last:pr-5';

function Members({ members, q }: { members: readonly Member[]; q: string }) {
  const { user } = useMe();
  const membership = useMembership();
  const client = useQueryClient();
  const refusal = useRefusal()('members:manage');
  const offline = useOffline();
  const [removed, setRemoved] = useState<Member | null>(null);
  const [busy, setBusy] = useState('');
  const needle = q.trim().toLowerCase();
  const shown = members.filter(({ name, email, role }) => `${name} ${email} ${role}`.toLowerCase().includes(needle));
  const missing = members.filter(({ hasSecondFactor }) => !hasSecondFactor).length;
  const change = async (member: Member, role: Role) => {
    setBusy(member.id);
    try {
      await api.changeMember({ params: { id: member.id }, body: { role } });
      toast.done(`${member.name} is ${roleWords[role].toLowerCase()} now`);
      await client.invalidateQueries({ queryKey: ['members'] });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  const remove = async (member: Member) => {
    setBusy(member.id);
    try {
      if (member.id === user.id) {
        await api.leaveWorkspace({});
        location.assign('/');
        return;
      }
      await api.removeMember({ params: { id: member.id } });
      toast.done(`${member.name} is removed`);
      setRemoved(null);
      await client.invalidateQueries({ queryKey: ['members'] });
    } catch (error) {
      toast.failure(error);
    } finally {
      setBusy('');
    }
  };
  return (
    <>
      {missing > 0 && (
        <div className="px-5 pt-3">
          <Note tone="wait">
            <Icon of={TriangleAlert} size={14} className="mt-px" />
            {`${missing} ${missing === 1 ? 'member has' : 'members have'} no second factor.`}
          </Note>
        </div>
      )}
      <div className="overflow-x-auto">
        <table className="mt-1.5 w-full">
          <thead>
            <tr>
              <th className={th}>Member</th>
              <th className={th}>Role</th>
              <th className={th}>Second factor</th>
              <th className={th}>Last seen</th>
              <th className={th}>
                <span className="sr-only">Acts</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((member) => (
              <tr key={member.id} className="hover:bg-sunken">
                <td className={td}>
                  <span className="flex items-center gap-2">
                    <Avatar name={member.name} size={26} />
                    <span className="font-medium">{member.name}</span>
                    <span className="text-text-2">{member.id === user.id ? 'you' : member.email}</span>
                  </span>
                </td>
                <td className={td}>
                  <Select
                    size="sm"
                    className="w-28!"
                    label={`Role of ${member.name}`}
                    value={member.role}
                    disabled={busy === member.id || refusal !== null || offline !== null}
                    onValue={(role) => void change(member, role as Role)}
                    options={roles.map((role) => ({
                      value: role,
                      label: roleWords[role],
                      disabled: role === 'owner' && membership?.role !== 'owner',
                    }))}
                  />
                </td>
                <td className={td}>
                  {member.hasSecondFactor ? (
                    <span className="flex items-center gap-1.5 text-ok-fg">
                      <Icon of={ShieldCheck} size={15} />
                      App
                    </span>
                  ) : (
                    <span className="flex items-center gap-1.5 text-wait-fg">
                      <Icon of={TriangleAlert} size={15} />
                      Missing
                    </span>
                  )}
                </td>
                <td className={`${td} text-text-2`}>
                  {member.lastSeenAt ? <RelativeTime at={member.lastSeenAt} /> : 'never'}
                </td>
                <td className={`${td} text-right`}>
                  <Menu
                    label={`Acts on ${member.name}`}
                    trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}
                  >
                    <MenuItem
                      icon={UserMinus}
                      danger
                      refusal={member.id === user.id ? null : (offline ?? refusal)}
                      onSelect={() => setRemoved(member)}
                    >
                      {member.id === user.id ? 'Leave the workspace' : 'Remove member'}
                    </MenuItem>
                  </Menu>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p className="px-5 py-4 text-text-2">No member matches.</p>}
      <AlertDialog
        isOpen={removed !== null}
        onClose={() => setRemoved(null)}
        title={removed?.id === user.id ? 'Leave the workspace?' : `Remove ${removed?.name ?? ''}?`}
        act={removed?.id === user.id ? 'Leave' : 'Remove member'}
        busy={busy === removed?.id}
        onAct={() => removed && remove(removed)}
      >
        API keys made by them stop at once. What they started goes on.
      </AlertDialog>
    </>
  );
}

function Roles() {
  const matrix = useQuery({ queryKey: ['members', 'roles'], queryFn: ({ signal }) => api.listRoles({ signal }) });
  return (
    <Answer of={matrix} what="The roles" waiting={<SkeletonRows height={30} />}>
      {({ permissions, roles: columns }) => (
        <>
          <SectionHead
            title="What each role may do"
            hint="The database holds these rules too, not only the screen."
            className="px-5!"
          />
          <div className="overflow-x-auto">
            <table className="w-full">
              <thead className="bg-sunken">
                <tr>
                  <th className={`${th} border-t`}>Permission</th>
                  {columns.map(({ role, members }) => (
                    <th key={role} className={`${th} w-28 border-t border-l text-center text-text`}>
                      {roleWords[role]} <span className="num font-normal text-text-3">{members}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {permissions.map((permission) => (
                  <tr key={permission}>
                    <td className={`${td} h-[30px] font-mono text-meta`}>{permission}</td>
                    {columns.map(({ role, permissions: has }) => (
                      <td key={role} className={`${td} h-[30px] border-l text-center`}>
                        {has.includes(permission) ? (
                          <span className="text-ok-fg">
                            ✓<span className="sr-only">yes</span>
                          </span>
                        ) : (
                          <span className="text-text-3">
                            –<span className="sr-only">no</span>
                          </span>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Answer>
  );
}

function Invitations() {
  const client = useQueryClient();
  const offline = useOffline();
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

function InviteDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return isOpen ? <InviteForm onClose={onClose} /> : null;
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const membership = useMembership();
  const [made, setMade] = useState<Awaited<ReturnType<typeof api.invite>> | null>(null);
  const { form, onSubmit, failure, busy, errorOf } = useApiForm({
    schema: Invite,
    defaults: { email: '', role: 'member' as const },
    submit: async (body) => {
      setMade(await api.invite({ body }));
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
        <FormFailure failure={failure} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
