import { Ellipsis, type LucideIcon } from 'lucide-react';
import type { DutyPerson, ShownOnCallSchedule } from '#contracts/oncall/oncall.ts';
import { IconButton } from '../ui/button.tsx';
import { Card, Note, SectionHead, Tag } from '../ui/card.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Person } from '../ui/person.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { type ChosenSpan, DutyWeek } from './duty-week.tsx';
import { namesOf } from './oncall.ts';

interface ScheduleCardProps {
  schedule: ShownOnCallSchedule;
  people: readonly DutyPerson[];
  monday: string;
  zone: string;
  onSpan: (span: ChosenSpan) => void;
  menu: ReadonlyArray<{ icon: LucideIcon; label: string; refusal: string | null; isDanger?: boolean; run: () => void }>;
}

/** A schedule: who is on call now, who is next, the first gap, and its week. */
export function ScheduleCard({ schedule, people, monday, zone, onSpan, menu }: ScheduleCardProps) {
  const nameOf = namesOf(people);
  const { now, next, gap } = schedule;
  return (
    <Card label={schedule.name}>
      <SectionHead
        title={schedule.name}
        hint={schedule.description}
        end={
          <>
            <Tag>{schedule.timeZone}</Tag>
            <Menu label={`Acts on ${schedule.name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
              {menu.map(({ icon, label, refusal, isDanger = false, run }) => (
                <MenuItem key={label} icon={icon} danger={isDanger} refusal={refusal} onSelect={run}>
                  {label}
                </MenuItem>
              ))}
            </Menu>
          </>
        }
      />
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1 px-3.5 pb-2.5">
        <span className="flex items-center gap-2" data-testid="oncall.now">
          <span className="text-meta text-text-2">Now</span>
          {now.personId === null ? (
            <span className="font-medium text-fail-fg">Nobody</span>
          ) : (
            <Person name={nameOf(now.personId)} className="font-medium" />
          )}
          {next && (
            <span className="text-meta text-text-3">
              until <RelativeTime at={now.to} />
            </span>
          )}
        </span>
        {next && (
          <span className="flex items-center gap-2">
            <span className="text-meta text-text-2">Next</span>
            {next.personId === null ? (
              <span className="text-fail-fg">Nobody</span>
            ) : (
              <Person name={nameOf(next.personId)} />
            )}
          </span>
        )}
      </div>
      {gap && (
        <Note tone="fail" className="mx-3.5 mb-2.5">
          <span>
            Nobody is on call from <RelativeTime at={gap.from} /> to <RelativeTime at={gap.to} />.
          </span>
        </Note>
      )}
      <div className="border-t border-line px-3.5 pt-1 pb-3">
        <DutyWeek schedule={schedule} people={people} monday={monday} zone={zone} onSpan={onSpan} />
      </div>
    </Card>
  );
}
