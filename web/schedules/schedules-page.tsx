import { useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, Ellipsis, Pause, Pencil, Play, Plus, Trash2, Zap } from 'lucide-react';
import { useState } from 'react';
import { z } from 'zod';
import type { Schedule } from '#contracts/schedules/schedules.ts';
import { api } from '../kit/api.ts';
import { useKeys } from '../kit/keys.ts';
import { useOffline } from '../kit/live.tsx';
import { Go } from '../kit/navigation.tsx';
import { useRefusal } from '../kit/session.ts';
import { useUrlState } from '../kit/url-state.ts';
import { Answer } from '../ui/answer.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Tag } from '../ui/card.tsx';
import { DataTable, type DataColumn } from '../ui/data-table.tsx';
import { AlertDialog, Drawer } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Page } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Strand } from '../ui/strand.tsx';
import { toast } from '../ui/toast.tsx';
import { BackfillDialog } from './backfill-dialog.tsx';
import { ScheduleDetail } from './schedule-detail.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { firingStatus, stateLooks, targetName, targetPage } from './schedule-words.ts';

const View = z.object({ sel: z.string().default(''), edit: z.string().default(''), backfill: z.string().default('') });

const columns: ReadonlyArray<DataColumn<Schedule>> = [
  {
    id: 'name',
    head: 'Schedule',
    width: 280,
    grow: true,
    cell: ({ name, sentence, timeZone, state }) => (
      <span className="block min-w-0 leading-[17px]">
        <span className="flex items-center gap-2">
          <span className="truncate font-medium">{name}</span>
          {state !== 'active' && (
            <span className="sm:hidden">
              <Tag tone={stateLooks[state].tone}>{stateLooks[state].word}</Tag>
            </span>
          )}
        </span>
        <span className="block truncate text-meta text-text-3" title={sentence}>
          {sentence} · {timeZone}
        </span>
      </span>
    ),
  },
  {
    id: 'state',
    head: 'State',
    width: 112,
    hideBelow: 'sm',
    cell: ({ state }) => <Tag tone={stateLooks[state].tone}>{stateLooks[state].word}</Tag>,
  },
  {
    id: 'target',
    head: 'Starts',
    width: 200,
    hideBelow: 'md',
    cell: ({ target }) => (
      <Go {...targetPage(target)} className="hover:underline">
        {targetName(target)}
      </Go>
    ),
  },
  {
    id: 'next',
    head: 'Next',
    width: 112,
    cell: ({ nextTimes, paused }) =>
      paused || !nextTimes[0] ? <span className="text-text-3">–</span> : <RelativeTime at={nextTimes[0]} />,
  },
  {
    id: 'last',
    head: 'Last results',
    width: 150,
    hideBelow: 'sm',
    cell: ({ lastResults }) =>
      lastResults.length === 0 ? (
        <span className="text-text-3">none yet</span>
      ) : (
        <Strand
          segments={lastResults.map((firing) => ({ id: firing.nominalAt, status: firingStatus(firing.status) }))}
          label={`Last ${lastResults.length}: ${lastResults.map(({ status }) => status).join(', ')}`}
        />
      ),
  },
];

/** What starts by the clock: when, what, what became of it, and when it starts next. */
export function SchedulesPage() {
  const [view, setView] = useUrlState(View);
  const refusal = useRefusal();
  const offline = useOffline();
  const schedules = useQuery({
    queryKey: ['schedules'],
    queryFn: ({ signal }) => api.listSchedules({ query: { limit: 200 }, signal }),
  });
  const rows = schedules.data?.data ?? [];
  const manage = offline ?? refusal('schedules:manage');
  const find = (id: string) => rows.find((schedule) => schedule.id === id);
  useKeys([{ keys: 'c', label: 'New schedule', run: () => manage === null && setView({ edit: 'new' }) }]);
  const add = (
    <Button look="primary" icon={Plus} refusal={manage} onClick={() => setView({ edit: 'new' })}>
      New schedule
    </Button>
  );
  const open = find(view.sel);
  const backfilled = find(view.backfill);
  const edited = find(view.edit) ?? null;
  return (
    <Page title="Schedules" panes testId="schedules.page" action={add}>
      <Answer
        of={schedules}
        what="The schedules"
        waiting={<SkeletonRows height={43} />}
        isEmpty={() => rows.length === 0}
        empty={
          <EmptyState icon={CalendarClock} title="Nothing starts by the clock yet" action={add}>
            A playbook each night, a query each weekday at seven, on the last day of the month. A missed time is said,
            never lost.
          </EmptyState>
        }
      >
        {() => (
          <DataTable<Schedule>
            label="Schedules"
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            nameOf={({ name }) => name}
            rowHeight={43}
            active={view.sel}
            onOpen={({ id }) => setView({ sel: id })}
            rowMenu={(schedule) => (
              <ScheduleMenu
                schedule={schedule}
                onEdit={() => setView({ edit: schedule.id })}
                onBackfill={() => setView({ backfill: schedule.id })}
              />
            )}
          />
        )}
      </Answer>
      <Drawer
        isOpen={open !== undefined}
        onClose={() => setView({ sel: '' })}
        title={open?.name ?? ''}
        description={open?.sentence}
        foot={open && <ScheduleActs schedule={open} onEdit={() => setView({ sel: '', edit: open.id })} />}
      >
        {open && <ScheduleDetail schedule={open} />}
      </Drawer>
      {view.edit !== '' && (view.edit === 'new' || edited) && (
        <ScheduleForm
          key={view.edit}
          schedule={edited}
          onClose={() => setView({ edit: '' }, 'replace')}
          onSaved={(schedule) => setView({ edit: '', sel: schedule.id }, 'replace')}
        />
      )}
      {backfilled && <BackfillDialog schedule={backfilled} onClose={() => setView({ backfill: '' }, 'replace')} />}
    </Page>
  );
}

function useScheduleActs(schedule: Schedule) {
  const client = useQueryClient();
  const act = (work: Promise<unknown>, message: string, undo?: () => void) =>
    work.then(() => {
      toast.done(message, { undo });
      void client.invalidateQueries({ queryKey: ['schedules'] });
    }, toast.failure);
  const params = { id: schedule.id };
  const unpause = (): Promise<void> => act(api.unpauseSchedule({ params, body: null }), `${schedule.name} goes on`);
  return {
    pause: () => act(api.pauseSchedule({ params, body: null }), `${schedule.name} is paused`, () => void unpause()),
    unpause,
    trigger: () => act(api.triggerSchedule({ params }), `${schedule.name} starts now`),
    remove: () => act(api.deleteSchedule({ params }), `${schedule.name} is deleted`),
  };
}

function ScheduleActs({ schedule, onEdit }: { schedule: Schedule; onEdit: () => void }) {
  const acts = useScheduleActs(schedule);
  const refusal = useRefusal();
  const offline = useOffline();
  const manage = offline ?? refusal('schedules:manage');
  return (
    <>
      <Button
        icon={schedule.paused ? Play : Pause}
        refusal={manage}
        onClick={() => void (schedule.paused ? acts.unpause() : acts.pause())}
      >
        {schedule.paused ? 'Unpause' : 'Pause'}
      </Button>
      <Button icon={Zap} refusal={offline ?? refusal('playbooks:run')} onClick={() => void acts.trigger()}>
        Start now
      </Button>
      <Button icon={Pencil} refusal={manage} onClick={onEdit}>
        Edit
      </Button>
    </>
  );
}

function ScheduleMenu({
  schedule,
  onEdit,
  onBackfill,
}: {
  schedule: Schedule;
  onEdit: () => void;
  onBackfill: () => void;
}) {
  const acts = useScheduleActs(schedule);
  const refusal = useRefusal();
  const offline = useOffline();
  const [isAsking, setAsking] = useState(false);
  const manage = offline ?? refusal('schedules:manage');
  return (
    <>
      <Menu label={`Acts on ${schedule.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
        <MenuItem icon={Zap} refusal={offline ?? refusal('playbooks:run')} onSelect={() => void acts.trigger()}>
          Start now
        </MenuItem>
        <MenuItem
          icon={schedule.paused ? Play : Pause}
          refusal={manage}
          onSelect={() => void (schedule.paused ? acts.unpause() : acts.pause())}
        >
          {schedule.paused ? 'Unpause' : 'Pause'}
        </MenuItem>
        <MenuItem icon={CalendarClock} refusal={manage} onSelect={onBackfill}>
          Backfill past times
        </MenuItem>
        <MenuItem icon={Pencil} refusal={manage} onSelect={onEdit}>
          Edit
        </MenuItem>
        <MenuItem icon={Trash2} danger refusal={manage} onSelect={() => setAsking(true)}>
          Delete schedule
        </MenuItem>
      </Menu>
      <AlertDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${schedule.name}?`}
        act="Delete schedule"
        onAct={() => acts.remove().then(() => setAsking(false))}
      >
        Nothing starts by it any more. Runs that it began go on and stay.
      </AlertDialog>
    </>
  );
}
