const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }); // prettier-ignore
  formats.set(zone, format);
  return format;
}

/** Whether there is a time zone of that name (IANA, such as `Europe/Berlin`). */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    // Offsets such as `+02:00` are zones to Intl but not to Temporal.
    return /^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(zone);
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant, as if it were UTC. */
export function wallTime(instantMs: number, zone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** How far the clocks of a zone are ahead of UTC at an instant. */
export const offsetMs = (instantMs: number, zone: string): number =>
  wallTime(instantMs, zone) - Math.floor(instantMs / 1_000) * 1_000;

const dayMs = 86_400_000;
const minuteMs = 60_000;
const offsetsByDay = new Map<string, number>();

/** The offset at the beginning of a day of UTC. Remembered: a list of schedules asks for the same days again and again. */
function offsetOfDay(day: number, zone: string): number {
  const key = `${zone} ${day}`;
  let offset = offsetsByDay.get(key);
  if (offset === undefined) {
    offset = offsetMs(day * dayMs, zone);
    if (offsetsByDay.size > 10_000) offsetsByDay.clear();
    offsetsByDay.set(key, offset);
  }
  return offset;
}

/** The one offset of a zone from the day before this until the day after it; undefined where its clocks change then. */
export function steadyOffset(ms: number, zone: string): number | undefined {
  const day = Math.floor(ms / dayMs);
  const before = offsetOfDay(day - 1, zone);
  return before === offsetOfDay(day + 2, zone) ? before : undefined;
}

/** The instants at which the clocks of a zone show this: mostly one, none where they leap over it, two where they are put back. */
export function instantsOf(wallMs: number, zone: string): number[] {
  const steady = steadyOffset(wallMs, zone);
  if (steady !== undefined) return [wallMs - steady];
  const offsets = new Set([offsetMs(wallMs - dayMs, zone), offsetMs(wallMs + dayMs, zone)]);
  return [...offsets]
    .map((offset) => wallMs - offset)
    .filter((instant) => wallTime(instant, zone) === wallMs)
    .sort((a, b) => a - b);
}

/**
 * The instant at which the clocks of a zone show a time. Where they show it twice, the first or the last of both; where
 * they leap over it, the moment of the leap.
 * @param wallMs the local time as if it were UTC, in whole minutes
 */
export function instantAt(wallMs: number, zone: string, which: 'first' | 'last'): number {
  const found = instantsOf(wallMs, zone);
  const hit = which === 'first' ? found[0] : found.at(-1);
  if (hit !== undefined) return hit;
  const offsets = [offsetMs(wallMs - dayMs, zone), offsetMs(wallMs + dayMs, zone)];
  let before = wallMs - Math.max(...offsets);
  let after = wallMs - Math.min(...offsets);
  while (after - before > minuteMs) {
    const middle = Math.floor((before + after) / 2 / minuteMs) * minuteMs;
    if (wallTime(middle, zone) >= wallMs) after = middle;
    else before = middle;
  }
  return after;
}

/** `2026-03-29 03:30` as the clocks show it; with seconds where they are not 0. */
export function localText(wallMs: number): string {
  const text = new Date(wallMs).toISOString();
  return `${text.slice(0, 10)} ${wallMs % 60_000 === 0 ? text.slice(11, 16) : text.slice(11, 19)}`;
}

/** `+02:00`. */
export function offsetText(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
