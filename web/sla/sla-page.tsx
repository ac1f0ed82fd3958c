import { useQueryClient } from '@tanstack/react-query';
import { CalendarClock, Plus } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import type { ShownCalendar, ShownSlaPolicy } from '#contracts/sla/sla.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button } from '../ui/button.tsx';
import { AlertDialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FilterBar, Page } from '../ui/page.tsx';
import { useZone } from '../ui/relative-time.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { toast } from '../ui/toast.tsx';
import { CalendarCard } from './calendar-card.tsx';
import { CalendarForm } from './calendar-form.tsx';
import { useCalendars, useSlaPolicies } from './sla.ts';
import { SlaPolicyCard } from './sla-policy-card.tsx';
import { SlaPolicyForm } from './sla-policy-form.tsx';

const View = z.object({ show: z.enum(['policies', 'calendars']).default('policies'), edit: z.string().default('') });

/** What is promised for incidents, and when time counts. */
export function SlaPage() {
  const [view, setView] = useUrlState(View);
  const client = useQueryClient();
  const zone = useZone();
  const refusal = useRefusal();
  const manage = useOffline() ?? refusal('incidents:manage');
  const policies = useSlaPolicies();
  const calendars = useCalendars();
  const [gone, setGone] = useState<
    { kind: 'policy'; it: ShownSlaPolicy } | { kind: 'calendar'; it: ShownCalendar } | null
  >(null);
  const isPolicies = view.show === 'policies';
  const what = isPolicies ? 'policy' : 'calendar';
  const done = (words: string) => {
    toast.done(words);
    void client.invalidateQueries({ queryKey: ['sla'] });
    setView({ edit: '' }, 'replace');
  };
  useKeys([{ keys: 'c', label: `New ${what}`, run: () => manage === null && setView({ edit: 'new' }) }]);
  const remove = async () => {
    if (!gone) return;
    const params = { id: gone.it.id };
    await (gone.kind === 'policy' ? api.deleteSlaPolicy({ params }) : api.deleteCalendar({ params }));
    setGone(null);
    done(`${gone.it.name} is deleted`);
  };
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      {`New ${what}`}
    </Button>
  );
  const editedPolicy = policies.data?.data.find(({ id }) => id === view.edit) ?? null;
  const editedCalendar = calendars.data?.data.find(({ id }) => id === view.edit) ?? null;
  return (
    <Page
      title="SLA"
      testId="settings.sla"
      action={add}
      head={
        <FilterBar>
          <Segmented
            label="What is shown"
            value={view.show}
            onValue={(show) => setView({ show, edit: '' })}
            options={[
              { value: 'policies', label: 'Policies' },
              { value: 'calendars', label: 'Calendars' },
            ]}
          />
        </FilterBar>
      }
    >
      {isPolicies ? (
        <Answer
          of={policies}
          what="The SLA policies"
          waiting={<SkeletonRows height={120} />}
          isEmpty={({ data }) => data.length === 0}
          empty={
            <EmptyState icon={CalendarClock} title="Nothing is promised yet" action={add}>
              A policy says, for each severity, how soon somebody answers and how soon it is resolved.
            </EmptyState>
          }
        >
          {({ data }) => (
            <div className="grid gap-4 px-5 pb-8 lg:grid-cols-2 max-sm:px-4">
              {data.map((policy) => (
                <SlaPolicyCard
                  key={policy.id}
                  policy={policy}
                  calendars={calendars.data?.data ?? []}
                  refusal={manage}
                  onEdit={() => setView({ edit: policy.id })}
                  onDelete={() => setGone({ kind: 'policy', it: policy })}
                />
              ))}
            </div>
          )}
        </Answer>
      ) : (
        <Answer
          of={calendars}
          what="The calendars"
          waiting={<SkeletonRows height={120} />}
          isEmpty={({ data }) => data.length === 0}
          empty={
            <EmptyState icon={CalendarClock} title="Time counts round the clock" action={add}>
              A calendar says when people are there: hours by weekday in a zone, and holidays.
            </EmptyState>
          }
        >
          {({ data }) => (
            <div className="grid gap-4 px-5 pb-8 lg:grid-cols-2 max-sm:px-4">
              {data.map((calendar) => (
                <CalendarCard
                  key={calendar.id}
                  calendar={calendar}
                  refusal={manage}
                  onEdit={() => setView({ edit: calendar.id })}
                  onDelete={() => setGone({ kind: 'calendar', it: calendar })}
                />
              ))}
            </div>
          )}
        </Answer>
      )}
      {isPolicies && calendars.data && policies.data && (view.edit === 'new' || editedPolicy) && (
        <SlaPolicyForm
          key={view.edit}
          policy={editedPolicy}
          calendars={calendars.data.data}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={({ name }) => done(`${name} is saved`)}
        />
      )}
      {!isPolicies && calendars.data && (view.edit === 'new' || editedCalendar) && (
        <CalendarForm
          key={view.edit}
          calendar={editedCalendar}
          zone={zone}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={({ name }) => done(`${name} is saved`)}
        />
      )}
      <AlertDialog
        isOpen={gone !== null}
        onClose={() => setGone(null)}
        title={`Delete ${gone?.it.name ?? ''}?`}
        act={gone?.kind === 'calendar' ? 'Delete calendar' : 'Delete policy'}
        onAct={remove}
      >
        {gone?.kind === 'calendar'
          ? 'Clocks that once counted by it count every minute from now on.'
          : 'Open incidents that it holds for have no target any more; what their clocks did stays.'}
      </AlertDialog>
    </Page>
  );
}
