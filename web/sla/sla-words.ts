import type { BusinessCalendar, Weekday } from '#contracts/incidents/business-calendar.ts';
import { weekdays } from '#contracts/incidents/business-calendar.ts';

export const clockWords = { respond: 'Answer', resolve: 'Resolve' } as const;
export const dayWords: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
const short = (day: Weekday): string => dayWords[day].slice(0, 3);

/** `Mon–Fri 09:00–17:00, Sat 10:00–14:00`: days in a row with the same hours are said together. */
export function weekInWords({ week }: Pick<BusinessCalendar, 'week'>): string {
  const groups: { from: Weekday; to: Weekday; hours: string }[] = [];
  for (const day of weekdays) {
    const hours = (week[day] ?? []).map(({ from, to }) => `${from}–${to}`).join(' and ');
    const last = groups.at(-1);
    const isNext = last && weekdays.indexOf(last.to) + 1 === weekdays.indexOf(day);
    if (hours === '') continue;
    if (last && isNext && last.hours === hours) last.to = day;
    else groups.push({ from: day, to: day, hours });
  }
  return groups
    .map(({ from, to, hours }) => `${from === to ? short(from) : `${short(from)}–${short(to)}`} ${hours}`)
    .join(', ');
}
