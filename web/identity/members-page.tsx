import { useQuery } from '@tanstack/react-query';
import { Mail } from 'lucide-react';
import { z } from 'zod';
import { roles } from '#contracts/identity/permissions.ts';
import { api } from '../kit/api.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { SearchInput } from '../ui/input.tsx';
import { Page } from '../ui/page.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Invitations, InviteDialog } from './invitations.tsx';
import { Members } from './members-table.tsx';
import { Roles } from './roles-matrix.tsx';

const View = z.object({
  tab: z.enum(['members', 'roles', 'invitations']).default('members'),
  q: z.string().default(''),
  invite: z.string().default(''),
});
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
            {({ data }) => <Members members={data} q={view.q} onClear={() => setView({ q: '' })} />}
          </Answer>
        )}
        {view.tab === 'roles' && <Roles />}
        {view.tab === 'invitations' && <Invitations />}
      </div>
      <InviteDialog isOpen={view.invite !== ''} onClose={() => setView({ invite: '' }, 'replace')} />
    </Page>
  );
}
