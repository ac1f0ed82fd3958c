import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import type { ShownCalendar } from '#contracts/sla/sla.ts';
import { IconButton } from '../ui/button.tsx';
import { Card, SectionHead } from '../ui/card.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { CalendarWeeks } from './calendar-weeks.tsx';
import { weekInWords } from './sla-words.ts';

interface CalendarCardProps {
  calendar: ShownCalendar;
  refusal: string | null;
  onEdit: () => void;
  onDelete: () => void;
}

/** One calendar: its hours in words, the coming two weeks, and who counts by it. */
export function CalendarCard({ calendar, refusal, onEdit, onDelete }: CalendarCardProps) {
  const { name, timeZone, holidays, usedBy } = calendar;
  return (
    <Card label={name}>
      <SectionHead
        title={name}
        hint={timeZone}
        end={
          <Menu label={`Acts on ${name}`} trigger={<IconButton icon={Ellipsis} size="sm" label="More" />}>
            <MenuItem icon={Pencil} refusal={refusal} onSelect={onEdit}>
              Edit
            </MenuItem>
            <MenuItem
              icon={Trash2}
              danger
              refusal={refusal ?? (usedBy[0] ? `${usedBy[0].name} counts by it` : null)}
              onSelect={onDelete}
            >
              Delete calendar
            </MenuItem>
          </Menu>
        }
      />
      <div className="flex flex-col gap-3 border-t border-line px-3.5 py-3">
        <p className="num">{weekInWords(calendar)}</p>
        <CalendarWeeks calendar={calendar} label={`The coming two weeks by ${name}`} />
        <p className="text-meta text-text-3">
          {holidays.length === 0
            ? 'No holidays'
            : holidays.length === 1
              ? 'One holiday'
              : `${holidays.length} holidays`}
          {usedBy.length > 0
            ? `; ${usedBy.map((policy) => policy.name).join(', ')} ${usedBy.length === 1 ? 'counts' : 'count'} by it`
            : '; no policy counts by it yet'}
        </p>
      </div>
    </Card>
  );
}
