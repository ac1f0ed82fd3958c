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

/** The instants at which the clocks of a zone show this: mostly one, none where they leap over it, two where they are put back. */
export function instantsOf(wallMs: number, zone: string): number[] {
  const day = 86_400_000;
  const offsets = new Set([offsetMs(wallMs - day, zone), offsetMs(wallMs + day, zone)]);
  return [...offsets]
    .map((offset) => wallMs - offset)
    .filter((instant) => wallTime(instant, zone) === wallMs)
    .sort((a, b) => a - b);
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
