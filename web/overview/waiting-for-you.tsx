import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Clock, Hand } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useIncidentCounts } from '../incidents/incident-counts.ts';
import { useConnectionsToSignIn } from '../connections/to-sign-in.ts';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/session.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Icon } from '../ui/icon.tsx';
import { Go } from '../kit/navigation.tsx';
import { Countdown } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';

// A decision's form is large and comes when one is opened.
const DecisionDrawer = lazy(() => import('./decision-drawer.tsx'));

// Rows of connections that need a sign-in, where there are any.
const SignInRows = lazy(async () => ({ default: (await import('../connections/sign-in-rows.tsx')).SignInRows }));

// Incidents that nobody has answered, where there are any.
const UnansweredRows = lazy(async () => ({
  default: (await import('../incidents/unanswered-rows.tsx')).UnansweredRows,
}));

const shown = 8;

interface WaitingProps {
  /** The approval that is open in the drawer. */
  open: string;
  onOpen: (id: string) => void;
}

/** What waits for me, the nearest deadline first; each is decided without leaving the page. */
export function WaitingForYou({ open, onOpen }: WaitingProps) {
  const may = useMay('approvals:read');
  const approvals = useQuery({
    queryKey: ['approvals', 'mine'],
    queryFn: ({ signal }) => api.listApprovals({ query: { mine: 'true' }, signal }),
    enabled: may,
  });
  const toSignIn = useConnectionsToSignIn();
  const unanswered = useIncidentCounts().data?.unacknowledged ?? 0;
  if (!may) return null;
  const waiting = [...(approvals.data ?? [])].sort((a, b) => (a.expiresAt ?? '9').localeCompare(b.expiresAt ?? '9'));
  const opened = waiting.find(({ id }) => id === open);
  return (
    <Card label="Waiting for you">
      <SectionHead
        title="Waiting for you"
        count={waiting.length + toSignIn.length + unanswered}
        end={
          waiting.length > shown ? (
            <Go to="/approvals" className="text-meta text-accent hover:underline">{`All ${waiting.length}`}</Go>
          ) : (
            <span className="text-meta text-text-2">sorted by deadline</span>
          )
        }
      />
      <Answer
        of={approvals}
        what="What waits for you"
        waiting={<SkeletonLines lines={2} />}
        isEmpty={() => waiting.length + toSignIn.length + unanswered === 0}
        empty={
          <p className="flex items-center gap-2 border-t border-line px-3.5 py-3 text-text-2">
            <Icon of={CircleCheck} size={15} className="text-ok-fg" />
            Nothing waits for you.
          </p>
        }
      >
        {() => (
          <ul data-testid="overview.waiting">
            <Suspense fallback={null}>
              {unanswered > 0 && <UnansweredRows />}
              {toSignIn.length > 0 && <SignInRows connections={toSignIn} />}
            </Suspense>
            {waiting.slice(0, shown).map((approval) => (
              <li
                key={approval.id}
                data-approval={approval.id}
                className="flex items-center gap-3 border-t border-line px-3.5 py-1.5 max-sm:min-h-14"
              >
                <span className="grid size-7 flex-none place-items-center rounded-md bg-wait-soft text-wait-fg">
                  <Icon of={Hand} />
                </span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate leading-[18px] font-medium" title={approval.subject}>
                    <bdi>{approval.subject}</bdi>
                  </span>
                  <span className="block truncate text-meta text-text-2">
                    <Go to={`/runs/${approval.runId}`} className="hover:underline">
                      <bdi>{approval.run.title}</bdi>
                    </Go>{' '}
                    · asked by {approval.run.actor.name}
                  </span>
                </span>
                <span className="num flex w-28 flex-none items-center gap-1.5 text-meta text-wait-fg max-sm:w-auto">
                  {approval.expiresAt ? (
                    <>
                      <Icon of={Clock} size={14} />
                      <Countdown until={approval.expiresAt} />
                    </>
                  ) : (
                    <span className="text-text-2">no limit</span>
                  )}
                </span>
                <Button
                  className="min-w-24 max-sm:h-11! max-sm:min-w-0 max-sm:px-3!"
                  onClick={() => onOpen(approval.id)}
                >
                  Review
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Answer>
      <Suspense fallback={null}>{opened && <DecisionDrawer approval={opened} onClose={() => onOpen('')} />}</Suspense>
    </Card>
  );
}
