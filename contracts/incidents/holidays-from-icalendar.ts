/** A day that a calendar file names. */
export interface ImportedHoliday {
  /** `2026-12-25` */
  date: string;
  name: string;
}

const dayMs = 86_400_000;
const mostDays = 1_000;
/** An entry longer than this is no holiday. */
const longestEntryDays = 60;

/** Lines of a file with those joined that go on after a space (RFC 5545 §3.1). */
const unfolded = (text: string): string[] => text.replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/);
const plain = (text: string): string =>
  text
    .replaceAll(/\\([nN])/g, ' ')
    .replaceAll(/\\([\\;,])/g, '$1')
    .trim();

interface Entry {
  start?: string;
  end?: string;
  name?: string;
  rule?: string;
  except: Set<string>;
  isCanceled: boolean;
}

/** `20261225` as the milliseconds of its midnight, as if it were UTC; undefined for a date that is none. */
function dayOf(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return new Date(ms).toISOString().slice(0, 10) === `${year}-${month}-${day}` ? ms : undefined;
}
const isWholeDay = (text: string): boolean => /^\d{8}(?:T000000Z?)?$/.test(text);

/**
 * Reads the days that an iCalendar file (RFC 5545) names: entries of whole days, of several days each of them, and those that come
 * back each year within the years asked for.
 * @returns days in order, each once, and how many entries were left out: those with a time of day, or that repeat otherwise than by year
 */
export function holidaysFromCalendar(
  text: string,
  { fromYear, toYear }: { fromYear: number; toYear: number },
): { holidays: ImportedHoliday[]; skipped: number } {
  const found = new Map<string, string>();
  let skipped = 0;
  for (const entry of entriesOf(text)) {
    const days = daysOf(entry, fromYear, toYear);
    if (!days) skipped += 1;
    else
      for (const day of days) {
        const date = new Date(day).toISOString().slice(0, 10);
        if (found.size < mostDays && !found.has(date)) found.set(date, (entry.name || 'Holiday').slice(0, 120));
      }
  }
  const holidays = [...found].map(([date, name]) => ({ date, name })).sort((a, b) => (a.date < b.date ? -1 : 1));
  return { holidays, skipped };
}

function entriesOf(text: string): Entry[] {
  const entries: Entry[] = [];
  let open: Entry | undefined;
  for (const line of unfolded(text)) {
    const [, name = '', value = ''] = /^([A-Za-z-]+)(?:;[^:]*)?:(.*)$/.exec(line) ?? [];
    switch (name.toUpperCase()) {
      case 'BEGIN':
        if (value.toUpperCase() === 'VEVENT') open = { except: new Set(), isCanceled: false };
        break;
      case 'END':
        if (value.toUpperCase() === 'VEVENT' && open) {
          entries.push(open);
          open = undefined;
        }
        break;
      case 'DTSTART':
        if (open) open.start = value.trim();
        break;
      case 'DTEND':
        if (open) open.end = value.trim();
        break;
      case 'SUMMARY':
        if (open) open.name = plain(value);
        break;
      case 'RRULE':
        if (open) open.rule = value.trim().toUpperCase();
        break;
      case 'EXDATE':
        for (const date of value.split(',')) open?.except.add(date.trim().slice(0, 8));
        break;
      case 'STATUS':
        if (open) open.isCanceled = value.trim().toUpperCase() === 'CANCELLED';
        break;
    }
  }
  return entries;
}

/** The days of an entry within years; undefined for what is no whole day or repeats otherwise than by year. */
function daysOf(entry: Entry, fromYear: number, toYear: number): number[] | undefined {
  const { start = '', end, rule, except, isCanceled } = entry;
  if (isCanceled) return [];
  const first = dayOf(start);
  if (first === undefined || !isWholeDay(start) || (end !== undefined && !isWholeDay(end))) return undefined;
  // The end is no longer in it; an entry without one is a day.
  const count = Math.max(1, Math.round(((end === undefined ? undefined : dayOf(end)) ?? first + dayMs) / dayMs - first / dayMs)); // prettier-ignore
  if (count > longestEntryDays) return undefined;
  const starts = startsOf(first, rule, toYear);
  return starts
    ?.filter((day) => !except.has(new Date(day).toISOString().slice(0, 10).replaceAll('-', '')))
    .flatMap((day) => Array.from({ length: count }, (_, n) => day + n * dayMs))
    .filter((day) => {
      const year = new Date(day).getUTCFullYear();
      return year >= fromYear && year <= toYear;
    });
}

function startsOf(first: number, rule: string | undefined, toYear: number): number[] | undefined {
  if (rule === undefined) return [first];
  const parts = new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string]));
  const known = new Set(['FREQ', 'INTERVAL', 'UNTIL', 'COUNT', 'BYMONTH', 'BYMONTHDAY', 'WKST']);
  const day = new Date(first);
  const isSameDay =
    (parts.get('BYMONTH') ?? String(day.getUTCMonth() + 1)) === String(day.getUTCMonth() + 1) &&
    (parts.get('BYMONTHDAY') ?? String(day.getUTCDate())) === String(day.getUTCDate());
  if (parts.get('FREQ') !== 'YEARLY' || !isSameDay || [...parts.keys()].some((key) => !known.has(key)))
    return undefined;
  const every = Math.max(1, Number(parts.get('INTERVAL') ?? 1) || 1);
  const until = parts.has('UNTIL') ? (dayOf(parts.get('UNTIL') ?? '') ?? first) : Infinity;
  const most = parts.has('COUNT') ? Number(parts.get('COUNT')) || 1 : Infinity;
  const starts: number[] = [];
  for (let year = day.getUTCFullYear(); year <= toYear && starts.length < most; year += every) {
    const at = Date.UTC(year, day.getUTCMonth(), day.getUTCDate());
    if (at > until) break;
    // The 29th of February comes in leap years alone.
    if (new Date(at).getUTCMonth() === day.getUTCMonth()) starts.push(at);
  }
  return starts;
}
