import { useQueryClient } from '@tanstack/react-query';
import { Building2, Ellipsis, KeyRound, SearchX, ShieldCheck, TriangleAlert, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { looksAfter, roles, type Role } from '#contracts/identity/permissions.ts';
import type { Member } from '#contracts/identity/workspaces.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useMe, useMembership, useRefusal } from '../kit/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Note } from '../ui/card.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Avatar } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Select } from '../ui/select.tsx';
import { toast } from '../ui/toast.tsx';
import { MemberUnitsDialog } from './member-units-dialog.tsx';
import { PasswordLinkDialog } from './password-link-dialog.tsx';
import { roleWords, td, th } from './role-words.ts';
import { unitWords } from './unit-choice.tsx';
import { useKnownUnits } from './known-units.ts';

/** The members, each with role and second factor; what can be done to one is in its menu. */
export function Members({
  members,
  q,
  onClear,
}: {
  members: readonly Member[];
  q: string;
  /** Takes back the search. */
  onClear: () => void;
}) {
  const { user } = useMe();
  const membership = useMembership();
  const client = useQueryClient();
  const refusal = useRefusal()('members:manage');
  const offline = useOffline();
  const [removed, setRemoved] = useState<Member | null>(null);
  const [locked, setLocked] = useState<Member | null>(null);
  const [bound, setBound] = useState<Member | null>(null);
  const [busy, setBusy] = useState('');
  const known = useKnownUnits();
  // Where no connection has any there is nothing to choose.
  const hasUnits = refusal === null && (known.length > 0 || members.some(({ units }) => units));
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
  if (shown.length === 0)
    return (
      <EmptyState
        icon={SearchX}
        title="No member matches"
        action={<Button onClick={onClear}>Clear the search</Button>}
      />
    );
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
              <th className={th}>
                <span className="max-sm:sr-only">Second factor</span>
              </th>
              {hasUnits && <th className={`${th} max-sm:hidden`}>Business units</th>}
              <th className={`${th} max-sm:hidden`}>Last seen</th>
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
                    <span className="flex min-w-0 gap-x-2 max-sm:max-w-32 max-sm:flex-col">
                      <span className="truncate font-medium">{member.name}</span>
                      <span className="truncate text-text-2 max-sm:text-meta" title={member.email}>
                        {member.id === user.id ? 'you' : member.email}
                      </span>
                    </span>
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
                      <span className="max-sm:sr-only">App</span>
                    </span>
                  ) : (
                    <span className="flex items-center gap-1.5 text-wait-fg">
                      <Icon of={TriangleAlert} size={15} />
                      <span className="max-sm:sr-only">Missing</span>
                    </span>
                  )}
                </td>
                {hasUnits && <td className={`${td} text-text-2 max-sm:hidden`}>{unitWords(member.units)}</td>}
                <td className={`${td} text-text-2 max-sm:hidden`}>
                  {member.lastSeenAt ? <RelativeTime at={member.lastSeenAt} /> : 'never'}
                </td>
                <td className={`${td} text-right`}>
                  <Menu
                    label={`Acts on ${member.name}`}
                    trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}
                  >
                    {user.isInstanceAdmin && member.id !== user.id && (
                      <MenuItem icon={KeyRound} refusal={offline} onSelect={() => setLocked(member)}>
                        Link to a new password
                      </MenuItem>
                    )}
                    {hasUnits && (
                      <MenuItem
                        icon={Building2}
                        refusal={
                          offline ?? (looksAfter(member.role) ? 'Owners and administrators see all of them.' : null)
                        }
                        onSelect={() => setBound(member)}
                      >
                        Business units
                      </MenuItem>
                    )}
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
      {bound && <MemberUnitsDialog member={bound} known={known} onClose={() => setBound(null)} />}
      {locked && <PasswordLinkDialog member={locked} onClose={() => setLocked(null)} />}
    </>
  );
}
