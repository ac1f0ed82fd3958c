import { useQuery, useQueryClient } from '@tanstack/react-query';
import {
  ArrowLeftRight,
  CalendarClock,
  CalendarPlus,
  ChevronLeft,
  ChevronRight,
  Pencil,
  PhoneCall,
  Plus,
  Rss,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import type { ShownOnCallSchedule, ShownPolicy } from '#contracts/oncall/oncall.ts';
import { api } from '../kit/api.ts';
import { clock } from '../kit/clock.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useMay, useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { daysLater, mondayOf } from './duty-zone.ts';
import { FeedDialog } from './feed-dialog.tsx';
import { useOnCall, usePolicies } from './oncall.ts';
import type { ChosenSpan } from './duty-week.tsx';
import { OverrideDialog } from './override-dialog.tsx';
import { Policies } from './policies.tsx';
import { PolicyForm } from './policy-form.tsx';
import { ScheduleCard } from './schedule-card.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { SwapDialog } from './swap-dialog.tsx';

const View = z.object({
  show: z.enum(['schedules', 'policies']).default('schedules'),
  /** Its Monday. */
  week: z
    .string()
    .regex(/^$|^\d{4}-\d{2}-\d{2}$/)
    .default(''),
  /** Days of whose clocks. */
  clocks: z.enum(['mine', 'theirs']).default('mine'),
  edit: z.string().default(''),
});

/** Who is on call, week by week, and who is told next while nobody answers. */
export function OnCallPage() {
  const [view, setView] = useUrlState(View);
  const client = useQueryClient();
  const zone = useZone();
  const refusal = useRefusal();
  const offline = useOffline();
  const manage = offline ?? refusal('oncall:manage');
  const stand = offline ?? refusal('oncall:override');
  const oncall = useOnCall();
  const policies = usePolicies();
  const channels = useQuery({
    queryKey: ['channels'],
    queryFn: ({ signal }) => api.listChannels({ signal }),
    enabled: useMay('notifications:read'),
  });
  const [standIn, setStandIn] = useState<{ schedule: ShownOnCallSchedule; span: ChosenSpan | null } | null>(null);
  const [swapOf, setSwapOf] = useState<ShownOnCallSchedule | null>(null);
  const [feedOf, setFeedOf] = useState<ShownOnCallSchedule | null>(null);
  const [gone, setGone] = useState<
    { kind: 'schedule'; it: ShownOnCallSchedule } | { kind: 'policy'; it: ShownPolicy } | null
  >(null);
  const schedules = oncall.data?.data ?? [];
  const people = oncall.data?.people ?? [];
  const rows = policies.data?.data ?? [];
  const isSchedules = view.show === 'schedules';
  const thisWeek = mondayOf(clock.read(), zone);
  const monday = view.week || thisWeek;
  const targets = { people, schedules, channels: channels.data?.data ?? [] };
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['oncall'] });
    void client.invalidateQueries({ queryKey: ['escalation-policies'] });
  };
  const done = (words: string) => {
    toast.done(words);
    refresh();
    setStandIn(null);
    setSwapOf(null);
    setView({ edit: '' }, 'replace');
  };
  useKeys([
    {
      keys: 'c',
      label: isSchedules ? 'New schedule' : 'New escalation policy',
      run: () => manage === null && setView({ edit: 'new' }),
    },
  ]);
  const remove = async () => {
    if (!gone) return;
    if (gone.kind === 'schedule') await api.deleteOnCallSchedule({ params: { id: gone.it.id } });
    else await api.deleteEscalationPolicy({ params: { id: gone.it.id } });
    toast.done(`${gone.it.name} is deleted`);
    setGone(null);
    refresh();
  };
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      {isSchedules ? 'New schedule' : 'New policy'}
    </Button>
  );
  const edited = schedules.find(({ id }) => id === view.edit) ?? null;
  const editedPolicy = rows.find(({ id }) => id === view.edit) ?? null;
  return (
    <Page
      title="On-call"
      testId="oncall.page"
      action={add}
      head={
        <FilterBar>
          <Segmented
            label="What is shown"
            value={view.show}
            onValue={(show) => setView({ show, edit: '' })}
            options={[
              { value: 'schedules', label: 'Schedules' },
              { value: 'policies', label: 'Escalation' },
            ]}
          />
          {isSchedules && schedules.length > 0 && (
            <span className="ml-auto flex flex-wrap items-center gap-2 max-sm:ml-0 max-sm:w-full max-sm:justify-between">
              <Segmented
                label="Days by whose clocks"
                value={view.clocks}
                onValue={(clocks) => setView({ clocks })}
                options={[
                  { value: 'mine', label: 'Your zone' },
                  { value: 'theirs', label: 'Theirs' },
                ]}
              />
              <IconButton
                icon={ChevronLeft}
                label="The week before"
                onClick={() => setView({ week: daysLater(monday, -7) })}
              />
              <Button size="sm" disabled={monday === thisWeek} onClick={() => setView({ week: '' })}>
                This week
              </Button>
              <IconButton
                icon={ChevronRight}
                label="The week after"
                onClick={() => setView({ week: daysLater(monday, 7) })}
              />
            </span>
          )}
        </FilterBar>
      }
    >
      {isSchedules ? (
        <Answer
          of={oncall}
          what="The schedules"
          waiting={<SkeletonRows height={90} />}
          isEmpty={() => schedules.length === 0}
          empty={
            <EmptyState icon={PhoneCall} title="Nobody is on call yet" action={add}>
              A schedule says whose turn it is: people take turns by day or week, and stand in for each other.
            </EmptyState>
          }
        >
          {() => (
            <div className="flex flex-col gap-4 px-5 py-4 max-sm:px-4">
              {schedules.map((schedule) => (
                <ScheduleCard
                  key={schedule.id}
                  schedule={schedule}
                  people={people}
                  monday={monday}
                  zone={view.clocks === 'mine' ? zone : schedule.timeZone}
                  onSpan={(span) => setStandIn({ schedule, span })}
                  menu={[
                    {
                      icon: CalendarPlus,
                      label: 'Stand in',
                      refusal: stand,
                      run: () => setStandIn({ schedule, span: null }),
                    },
                    { icon: ArrowLeftRight, label: 'Swap shifts', refusal: stand, run: () => setSwapOf(schedule) },
                    { icon: Rss, label: 'Calendar feed', refusal: manage, run: () => setFeedOf(schedule) },
                    { icon: Pencil, label: 'Edit', refusal: manage, run: () => setView({ edit: schedule.id }) },
                    {
                      icon: Trash2,
                      label: 'Delete schedule',
                      refusal: manage,
                      isDanger: true,
                      run: () => setGone({ kind: 'schedule', it: schedule }),
                    },
                  ]}
                />
              ))}
            </div>
          )}
        </Answer>
      ) : (
        <Answer
          of={policies}
          what="The escalation policies"
          waiting={<SkeletonRows height={90} />}
          isEmpty={() => rows.length === 0}
          empty={
            <EmptyState icon={CalendarClock} title="No escalation yet" action={add}>
              A policy says who is told first, who next while nobody answers, and who at last.
            </EmptyState>
          }
        >
          {() => (
            <Policies
              policies={rows}
              targets={targets}
              refusal={manage}
              onEdit={({ id }) => setView({ edit: id })}
              onDelete={(it) => setGone({ kind: 'policy', it })}
            />
          )}
        </Answer>
      )}
      {oncall.data && isSchedules && (view.edit === 'new' || edited) && (
        <ScheduleForm
          key={view.edit}
          schedule={edited}
          people={people}
          zone={zone}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={({ name }) => done(`${name} is saved`)}
        />
      )}
      {policies.data && !isSchedules && (view.edit === 'new' || editedPolicy) && (
        <PolicyForm
          key={view.edit}
          policy={editedPolicy}
          targets={targets}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={({ name }) => done(`${name} is saved`)}
        />
      )}
      {standIn && (
        <OverrideDialog
          {...standIn}
          people={people}
          zone={zone}
          refusal={stand}
          onClose={() => setStandIn(null)}
          onDone={done}
        />
      )}
      {swapOf && (
        <SwapDialog
          schedule={swapOf}
          people={people}
          zone={zone}
          refusal={stand}
          onClose={() => setSwapOf(null)}
          onDone={done}
        />
      )}
      {feedOf && <FeedDialog schedule={feedOf} onClose={() => setFeedOf(null)} onChanged={refresh} />}
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title={`Delete ${gone?.it.name ?? ''}?`}
        act={gone?.kind === 'policy' ? 'Delete policy' : 'Delete schedule'}
        onAct={remove}
      >
        {gone?.kind === 'policy'
          ? 'Nobody is told by it any more.'
          : 'Its turns, overrides and calendar feed go. Nobody is on call by it any more.'}
      </AlertDialog>
    </Page>
  );
}
