const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface ZoneOptions {
  zone?: string;
  locale?: string;
}

/** Making a formatter takes a hundred times as long as using one: each is made once. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** An instant in words of one's own choice. */
export function formatTime(
  at: number,
  options: Intl.DateTimeFormatOptions,
  { zone, locale = 'en-GB' }: ZoneOptions,
): string {
  const name = `${locale} ${zone} ${Object.entries(options).join(' ')}`;
  let formatter = formatters.get(name);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    formatters.set(name, formatter);
  }
  return formatter.format(at);
}

/** `14:02:31` in the given zone. */
export const clockTime = (at: number, options: ZoneOptions & { seconds?: boolean } = {}): string =>
  formatTime(
    at,
    { hour: '2-digit', minute: '2-digit', second: options.seconds === false ? undefined : '2-digit', hourCycle: 'h23' },
    options,
  );

/** `14:02:31.118`, as log lines show it. */
export const logTime = (at: number, options: ZoneOptions = {}): string =>
  `${clockTime(at, options)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;

/** How long ago, as people say it: `23 s ago`, `14 min ago`, `3 h ago`, `Tue 14:02`, `18 Nov`, `18 Nov 2025`. Also ahead: `in 3 min`. */
export function relativeTime(at: number, now: number, options: ZoneOptions = {}): string {
  const distance = now - at;
  const size = Math.abs(distance);
  const say = (figure: string) => (distance >= 0 ? `${figure} ago` : `in ${figure}`);
  if (size < 5 * SECOND) return distance >= 0 ? 'now' : `in ${Math.max(1, Math.round(size / SECOND))} s`;
  if (size < MINUTE) return say(`${Math.floor(size / SECOND)} s`);
  if (size < HOUR) return say(`${Math.floor(size / MINUTE)} min`);
  if (size < DAY) return say(`${Math.floor(size / HOUR)} h`);
  if (size < 7 * DAY)
    return `${formatTime(at, { weekday: 'short' }, options)} ${clockTime(at, { ...options, seconds: false })}`;
  const sameYear = formatTime(at, { year: 'numeric' }, options) === formatTime(now, { year: 'numeric' }, options);
  return formatTime(at, { day: 'numeric', month: 'short', year: sameYear ? undefined : 'numeric' }, options);
}

/** The instant in full with its zone, then the same in UTC: what hover and focus show. */
export function absoluteTime(at: number, options: ZoneOptions = {}): { local: string; utc: string } {
  const full: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  };
  return { local: formatTime(at, full, options), utc: formatTime(at, full, { ...options, zone: 'UTC' }) };
}

/** A span as figures: `0.4 s`, `0:23`, `14:01`, `1:31:12`, `2 d 4 h`. */
export function durationText(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 10 * SECOND) return `${Math.floor(size / 100) / 10} s`;
  const seconds = Math.floor(size / SECOND);
  if (size < HOUR) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  if (size < DAY) {
    const minutes = Math.floor(seconds / 60);
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  }
  return `${Math.floor(size / DAY)} d ${Math.floor((size % DAY) / HOUR)} h`;
}

/** Bytes as people read them: `412 B`, `1.4 kB`, `8.2 MB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** Large counts short: `412`, `12.4 k`, `8.2 M`. */
export function countText(count: number): string {
  if (count < 10_000) return count.toLocaleString('en-GB');
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} k`;
  return `${(count / 1_000_000).toFixed(1)} M`;
}
