import { useQuery } from '@tanstack/react-query';
import { Cable, Check, KeyRound, ListChecks, Server, Terminal, UserPlus, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { api } from '../kit/api.ts';
import { cx } from '../kit/cx.ts';
import { useGo } from '../kit/navigation.tsx';
import { useMay, useMembership } from '../kit/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import type { Overview } from './overview.ts';

/** The first page of a new workspace: what to do, in order, each with its button. */
export function FirstSteps({ overview }: { overview: Overview }) {
  const go = useGo();
  const membership = useMembership();
  const credentials = useQuery({
    queryKey: ['credentials', 'all'],
    queryFn: ({ signal }) => api.listCredentials({ query: { limit: 200 }, signal }),
    enabled: useMay('credentials:read'),
  });
  const connections = useQuery({
    queryKey: ['connections', 'list'],
    queryFn: ({ signal }) => api.listConnections({ query: { limit: 200 }, signal }),
    enabled: useMay('connections:read'),
  });
  const playbooks = useQuery({
    queryKey: ['playbooks', 'any'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 1 }, signal }),
  });
  const queryRuns = useQuery({
    queryKey: ['query-runs', 'any'],
    queryFn: ({ signal }) => api.listQueryRuns({ query: { limit: 1 }, signal }),
    enabled: useMay('queries:read'),
  });
  const members = useQuery({
    queryKey: ['members'],
    queryFn: ({ signal }) => api.listMembers({ signal }),
    enabled: useMay('members:read'),
  });
  const steps: Array<{ icon: LucideIcon; title: string; why: string; isDone: boolean; act: ReactNode }> = [
    {
      icon: KeyRound,
      title: 'Add a credential',
      why: 'A key or password that signs in to your servers. A key can be made here.',
      isDone: (credentials.data?.data.length ?? 0) > 0,
      act: <Button onClick={() => go('/credentials', { edit: 'new' })}>Add credential</Button>,
    },
    {
      icon: Server,
      title: 'Add a server',
      why: 'Anything that answers SSH. Nothing is installed on it.',
      isDone: overview.servers.total > 0,
      act: <Button onClick={() => go('/servers', { edit: 'new' })}>Add server</Button>,
    },
    {
      icon: ListChecks,
      title: 'Write a playbook and run it',
      why: 'Steps on your servers, watched live, that survive any crash.',
      isDone: (playbooks.data?.data.length ?? 0) > 0,
      act: (
        <Button onClick={() => go(playbooks.data?.data.length ? '/playbooks' : '/playbooks/new')}>
          {playbooks.data?.data.length ? 'Run a playbook' : 'New playbook'}
        </Button>
      ),
    },
    {
      icon: Cable,
      title: 'Connect a system',
      why: 'Marketing Cloud, Amazon Marketing Cloud or PostgreSQL, to query where the data is.',
      isDone: (connections.data?.data.length ?? 0) > 0,
      act: <Button onClick={() => go('/connections/new')}>Connect</Button>,
    },
    {
      icon: Terminal,
      title: 'Run a query',
      why: 'Rows on screen while the service still works. None is kept.',
      isDone: (queryRuns.data?.data.length ?? 0) > 0,
      act: <Button onClick={() => go('/queries')}>Open the console</Button>,
    },
    {
      icon: UserPlus,
      title: 'Invite a colleague',
      why: 'Somebody who can approve what you start.',
      isDone: (members.data?.data.length ?? 1) > 1,
      act: <Button onClick={() => go('/settings/members', { invite: 'true' })}>Invite</Button>,
    },
  ];
  return (
    <Card className="mx-auto mt-4 max-w-[720px]">
      <EmptyState icon={ListChecks} title={`Welcome to ${membership?.name ?? 'Windlass'}`}>
        Six steps, in any order: what you want to do first comes first.
      </EmptyState>
      <ol>
        {steps.map(({ icon, title, why, isDone, act }) => (
          <li key={title} className="flex items-center gap-3 border-t border-line px-4 py-3">
            <span
              className={cx(
                'grid size-7 flex-none place-items-center rounded-md',
                isDone ? 'bg-ok-soft text-ok-fg' : 'bg-fill text-text-2',
              )}
            >
              <Icon of={isDone ? Check : icon} />
            </span>
            <span className="min-w-0 flex-1">
              <span className="block font-medium">
                {title}
                {isDone && <span className="sr-only">, done</span>}
              </span>
              <span className="block text-meta text-text-2">{why}</span>
            </span>
            {act}
          </li>
        ))}
      </ol>
    </Card>
  );
}
