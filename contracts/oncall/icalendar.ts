/** One entry of a calendar. Times are instants in milliseconds. */
export interface CalendarEntry {
  uid: string;
  from: number;
  to: number;
  title: string;
  description: string;
}

const stampOf = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

/** Text as RFC 5545 §3.3.11 has it: `\`, `;`, `,` and line ends are escaped, other control characters left out. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\\;,]/g, String.raw`\$&`)
    .replaceAll(/\r\n?|\n/g, String.raw`\n`)
    .replaceAll(/(?!\t)\p{Cc}/gu, '');

/** Lines longer than 75 bytes go on in the next after a space, never within a character (§3.1). */
function folded(line: string): string {
  const lines: string[] = [];
  let current = '';
  let bytes = 0;
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (bytes + size > 75) {
      lines.push(current);
      current = ' ';
      bytes = 1;
    }
    current += character;
    bytes += size;
  }
  return [...lines, current].join('\r\n');
}

/**
 * Writes a calendar (RFC 5545, with the name and refresh of RFC 7986). Only instants in UTC: what reads it shows them in its
 * own zone, and needs no time zone of ours.
 * @param refreshHours how soon to look again
 */
export function writeCalendar(name: string, entries: readonly CalendarEntry[], now: number, refreshHours = 1): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Windlass//On-call//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `NAME:${escaped(name)}`,
    `X-WR-CALNAME:${escaped(name)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:PT${refreshHours}H`,
    ...entries.flatMap(({ uid, from, to, title, description }) => [
      'BEGIN:VEVENT',
      `UID:${escaped(uid)}`,
      `DTSTAMP:${stampOf(now)}`,
      `DTSTART:${stampOf(from)}`,
      `DTEND:${stampOf(to)}`,
      `SUMMARY:${escaped(title)}`,
      ...(description ? [`DESCRIPTION:${escaped(description)}`] : []),
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}
