import { useQuery } from '@tanstack/react-query';
import {
  CalendarClock,
  Check,
  CircleCheck,
  Hand,
  KeyRound,
  ListChecks,
  Server,
  UserPlus,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { api } from '../kit/api.ts';
import { useNow } from '../kit/clock.ts';
import { cx } from '../kit/cx.ts';
import { useIsPhone } from '../kit/media.ts';
import { Go, useGo } from '../kit/navigation.tsx';
import { useMay, useMembership } from '../kit/session.ts';
import { clockTime, countText, durationText } from '../kit/time.ts';
import { kindLook, progressWords } from '../runs/run-words.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Page } from '../ui/page.tsx';
import { Countdown, Duration, RelativeTime, useZone } from '../ui/relative-time.tsx';
import { SkeletonLines } from '../ui/skeleton.tsx';
import { StatusGlyph } from '../ui/status-glyph.tsx';
import { Strand } from '../ui/strand.tsx';
import { EndedChart } from './ended-chart.tsx';

type Overview = Awaited<ReturnType<typeof api.overview>>;
const useOverview = () =>
  useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => api.overview({ signal }), refetchInterval: 30_000 });

/** The first page: what waits for you, what runs, what comes, what failed. In a new workspace: what to do first. */
export function OverviewPage() {
  const overview = useOverview();
  return (
    <Page title="Overview" hint={<Today />} testId="overview.page">
      <div className="px-5 pb-5 max-sm:px-4">
        <Answer of={overview} what="The overview" waiting={<SkeletonLines lines={6} />}>
          {(data) => (data.isNew ? <FirstSteps overview={data} /> : <Figures overview={data} />)}
        </Answer>
      </div>
    </Page>
  );
}

function Today() {
  const zone = useZone();
  const now = useNow();
  return (
    <span className="max-sm:hidden">
      {new Intl.DateTimeFormat('en-GB', {
        weekday: 'long',
        day: 'numeric',
        month: 'long',
        hour: '2-digit',
        minute: '2-digit',
        timeZoneName: 'short',
        timeZone: zone,
      }).format(now)}
    </span>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const isPhone = useIsPhone();
  const failureRate = overview.ended === 0 ? null : (overview.failed / overview.ended) * 100;
  const figures: FigureProps[] = [
    {
      to: '/runs',
      search: { view: 'alive' },
      label: 'Running now',
      value: countText(overview.running),
      hint: `${overview.waiting} wait for people, ${overview.queued} queued`,
    },
    {
      to: '/runs',
      search: { started: '24h' },
      label: 'Started in 24 h',
      value: countText(overview.started),
      hint: `${countText(overview.ended)} ended`,
    },
    {
      to: '/runs',
      search: { view: 'failed', started: '24h' },
      label: 'Failure rate',
      value: failureRate === null ? '–' : `${failureRate.toFixed(1)}%`,
      hint: `${overview.failed} failed or timed out`,
      isBad: overview.failed > 0,
    },
    {
      to: '/settings/queues',
      label: 'Start delay, p95',
      value: overview.startDelayP95Ms === null ? '–' : durationText(overview.startDelayP95Ms),
      hint: 'from asked to begun',
    },
    {
      to: '/servers',
      search: overview.servers.unreachable > 0 ? { health: 'no_answer,unhealthy' } : {},
      label: 'Servers',
      value: countText(overview.servers.total),
      hint: overview.servers.unreachable > 0 ? `${overview.servers.unreachable} cannot be worked on` : 'all answer',
      isBad: overview.servers.unreachable > 0,
    },
  ];
  const band = (
    <Card className="mb-4 grid grid-cols-5 gap-px overflow-hidden bg-line! max-md:grid-cols-3 max-sm:mb-0 max-sm:grid-cols-2">
      {figures.map((figure) => (
        <Figure key={figure.label} {...figure} />
      ))}
    </Card>
  );
  return (
    <>
      {!isPhone && band}
      <div className="grid grid-cols-[minmax(0,1fr)_344px] gap-4 max-md:grid-cols-1">
        <div className="flex min-w-0 flex-col gap-4">
          <WaitingForYou />
          {isPhone && band}
          <RunningNow />
          <EndedChart />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <NextSchedules schedules={overview.nextSchedules} />
          <WhyFailed failures={overview.failures} />
        </div>
      </div>
    </>
  );
}

interface FigureProps {
  to: string;
  search?: Record<string, string>;
  label: string;
  value: string;
  hint: string;
  isBad?: boolean;
}
function Figure({ to, search, label, value, hint, isBad = false }: FigureProps) {
  return (
    <Go
      to={to}
      search={search ?? {}}
      className="block min-w-0 bg-surface px-3.5 pt-[11px] pb-3 last:max-md:col-span-2 hover:bg-sunken"
    >
      <span className="block text-meta text-text-2">{label}</span>
      <span className="num block text-figure font-semibold tracking-[-0.02em]">{value}</span>
      <span className={cx('block truncate text-meta', isBad ? 'text-fail-fg' : 'text-text-3')}>{hint}</span>
    </Go>
  );
}

function WaitingForYou() {
  const go = useGo();
  const may = useMay('approvals:read');
  const approvals = useQuery({
    queryKey: ['approvals', 'mine'],
    queryFn: ({ signal }) => api.listApprovals({ query: { mine: 'true' }, signal }),
    enabled: may,
  });
  if (!may) return null;
  const waiting = [...(approvals.data ?? [])].sort((a, b) => (a.expiresAt ?? '9').localeCompare(b.expiresAt ?? '9'));
  return (
    <Card label="Waiting for you">
      <SectionHead
        title="Waiting for you"
        count={waiting.length}
        end={<span className="text-meta text-text-2">sorted by deadline</span>}
      />
      <Answer
        of={approvals}
        what="What waits for you"
        waiting={<SkeletonLines lines={2} />}
        isEmpty={() => waiting.length === 0}
        empty={
          <p className="flex items-center gap-2 border-t border-line px-3.5 py-3 text-text-2">
            <Icon of={CircleCheck} size={15} className="text-ok-fg" />
            Nothing waits for you.
          </p>
        }
      >
        {() => (
          <ul>
            {waiting.slice(0, 8).map((approval) => (
              <li
                key={approval.id}
                className="flex items-center gap-3 border-t border-line px-3.5 py-1.5 max-sm:min-h-14"
              >
                <span className="grid size-7 flex-none place-items-center rounded-md bg-wait-soft text-wait-fg">
                  <Icon of={Hand} />
                </span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate leading-[18px] font-medium">{approval.subject}</span>
                  <span className="block truncate text-meta text-text-2">
                    {approval.run.title} · asked by {approval.run.actor.name}
                  </span>
                </span>
                <span className="num w-24 text-meta text-wait-fg max-sm:w-auto">
                  {approval.expiresAt ? (
                    <>
                      <Countdown until={approval.expiresAt} /> left
                    </>
                  ) : (
                    <span className="text-text-2">no limit</span>
                  )}
                </span>
                <Button
                  className="min-w-24 max-sm:h-11! max-sm:min-w-0 max-sm:px-3!"
                  onClick={() => go(`/runs/${approval.runId}`)}
                >
                  Review
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}

function RunningNow() {
  const runs = useQuery({
    queryKey: ['runs', 'alive'],
    queryFn: ({ signal }) => api.listRuns({ query: { status: 'running,waiting,queued', limit: 5 }, signal }),
  });
  const counts = useQuery({ queryKey: ['runs', 'counts'], queryFn: ({ signal }) => api.countRuns({ signal }) });
  const alive = ['running', 'waiting', 'queued'].reduce((sum, status) => sum + (counts.data?.counts[status] ?? 0), 0);
  return (
    <Card label="Running now">
      <SectionHead
        title="Running now"
        count={alive}
        end={
          <Go to="/runs" className="text-meta text-accent hover:underline">
            All runs
          </Go>
        }
      />
      <Answer
        of={runs}
        what="The runs"
        waiting={<SkeletonLines lines={3} />}
        isEmpty={({ data }) => data.length === 0}
        empty={<p className="border-t border-line px-3.5 py-3 text-text-2">Nothing runs now.</p>}
      >
        {({ data }) => (
          <ul>
            {data.map((run) => (
              <li
                key={run.id}
                data-run={run.id}
                data-status={run.status}
                className="flex h-[33px] items-center gap-2.5 border-t border-line px-3.5 max-sm:h-14"
              >
                <StatusGlyph status={run.status} />
                <Icon of={kindLook(run.kind).icon} size={15} className="text-text-2 max-sm:hidden" />
                <Go to={`/runs/${run.id}`} className="min-w-0 flex-1 truncate hover:underline">
                  {run.title}
                </Go>
                <span className="w-[106px] flex-none max-sm:w-20">
                  <Strand segments={run.strand} />
                </span>
                <span className="num w-32 truncate text-text-2 max-sm:hidden">{progressWords(run)}</span>
                <span className="num w-14 text-right text-text-2">
                  <Duration from={run.startedAt ?? run.createdAt} to={run.endedAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  );
}

function NextSchedules({ schedules }: { schedules: Overview['nextSchedules'] }) {
  const zone = useZone();
  return (
    <Card label="Next schedules">
      <SectionHead
        title="Next schedules"
        end={
          <Go to="/schedules" className="text-meta text-accent hover:underline">
            All schedules
          </Go>
        }
      />
      {schedules.length === 0 && <p className="border-t border-line px-3.5 py-3 text-text-2">Nothing is due.</p>}
      <ul>
        {schedules.map(({ id, name, nextAt }) => (
          <li key={`${id}${nextAt}`} className="flex h-[31px] items-center gap-2.5 border-t border-line px-3.5">
            <span className="num font-medium">{clockTime(Date.parse(nextAt), { zone, seconds: false })}</span>
            <Icon of={CalendarClock} size={15} className="text-text-2" />
            <Go to="/schedules" search={{ sel: id }} className="min-w-0 flex-1 truncate hover:underline">
              {name}
            </Go>
            <RelativeTime at={nextAt} className="text-meta text-text-2" />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function WhyFailed({ failures }: { failures: Overview['failures'] }) {
  const most = Math.max(1, ...failures.map(({ count }) => count));
  return (
    <Card label="Why runs failed">
      <SectionHead title="Why runs failed" hint="in 24 h" />
      {failures.length === 0 ? (
        <p className="border-t border-line px-3.5 py-3 text-text-2">No run has failed.</p>
      ) : (
        <ul className="px-3.5 pb-2.5">
          {failures.map(({ code, count }) => (
            <li key={code}>
              <Go
                to="/runs"
                search={{ view: 'failed', started: '24h' }}
                className="grid h-[25px] grid-cols-[148px_1fr_28px] items-center gap-2.5 text-meta hover:text-accent"
              >
                <span className="truncate font-mono text-[11.5px]" title={code}>
                  {code}
                </span>
                <i
                  className="block h-1.5 rounded-[2px] bg-c6 opacity-75"
                  style={{ width: `${(count / most) * 100}%` }}
                />
                <span className="num text-right">{count}</span>
              </Go>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** The first page of a new workspace: what to do, in order, each with its button. */
function FirstSteps({ overview }: { overview: Overview }) {
  const go = useGo();
  const membership = useMembership();
  const credentials = useQuery({
    queryKey: ['credentials', 'all'],
    queryFn: ({ signal }) => api.listCredentials({ query: { limit: 200 }, signal }),
    enabled: useMay('credentials:read'),
  });
  const playbooks = useQuery({
    queryKey: ['playbooks', 'any'],
    queryFn: ({ signal }) => api.listPlaybooks({ query: { limit: 1 }, signal }),
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
        Four steps, and the first command runs on your servers.
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
