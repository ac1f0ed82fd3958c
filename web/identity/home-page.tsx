import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { DoorOpen } from 'lucide-react';
import { useEffect } from 'react';
import { api } from '../kit/api.ts';
import { asFailure } from '../kit/failure.ts';
import { sessionQuery } from '../kit/session.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { EntryFrame } from './entry-frame.tsx';

/** `/`: to the person's workspace, to sign-in, or to set-up while there is no owner. */
export function HomePage() {
  const navigate = useNavigate();
  const setup = useQuery({ queryKey: ['setup'], queryFn: ({ signal }) => api.getSetup({ signal }), retry: false });
  const session = useQuery({ ...sessionQuery, enabled: setup.data?.isNeeded === false });
  const isSignedOut = session.error !== null && asFailure(session.error).status === 401;
  const first = session.data?.current ?? session.data?.workspaces[0];
  useEffect(() => {
    if (setup.data?.isNeeded) void navigate({ to: '/setup', hash: true, replace: true } as never);
    else if (isSignedOut) void navigate({ to: '/sign-in', replace: true });
    else if (first) void navigate({ to: `/w/${first.slug}`, replace: true } as never);
  }, [setup.data, isSignedOut, first, navigate]);
  const error = setup.error ?? (isSignedOut ? null : session.error);
  if (error)
    return (
      <EntryFrame title="Windlass">
        <ErrorState
          error={error}
          what="The console"
          retry={() => void (setup.error ? setup.refetch() : session.refetch())}
        />
      </EntryFrame>
    );
  if (session.data && !first) {
    return (
      <EntryFrame title="No workspace">
        <EmptyState icon={DoorOpen} title="You belong to no workspace">
          Ask an owner or an admin of one for an invitation.
        </EmptyState>
      </EntryFrame>
    );
  }
  return null;
}
