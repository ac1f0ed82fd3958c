/** A time as it was read: `days` since 1970 and `micros` of the day, by the clock that showed it, and that clock's offset. */
export interface ReadTime {
  days: number;
  micros: number;
  offsetMinutes: number;
  hasOffset: boolean;
}

const twoDigits = (bytes: Buffer, at: number): number => {
  const tens = (bytes[at] ?? 0) - 0x30;
  const ones = (bytes[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
};

/** Days since 1970 of `2026-01-31` at this place; NaN where no such text is. A 31st of February is the 3rd of March. */
export function daysAt(bytes: Buffer, from: number): number {
  const year = 100 * twoDigits(bytes, from) + twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  if (bytes[from + 4] !== 0x2d || bytes[from + 7] !== 0x2d || !(month >= 1 && month <= 12 && day >= 1 && day <= 31))
    return Number.NaN;
  // Days of the civil calendar by eras of 400 years that begin in March (H. Hinnant, chrono-compatible date algorithms).
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/**
 * Reads `2026-01-31T08:00:00.25+02:00` in the forms in which services write it: without an offset too, with a space for the
 * T, with up to nine digits of a second, of which six count, and without time or seconds. False for all others.
 */
export function readTime(bytes: Buffer, from: number, to: number, found: ReadTime): boolean {
  found.days = daysAt(bytes, from);
  found.micros = found.offsetMinutes = 0;
  found.hasOffset = false;
  if (to - from < 10 || Number.isNaN(found.days)) return false;
  if (to - from === 10) return true;
  const between = bytes[from + 10];
  let seconds = 3_600 * twoDigits(bytes, from + 11) + 60 * twoDigits(bytes, from + 14);
  if ((between !== 0x54 && between !== 0x20) || bytes[from + 13] !== 0x3a || to - from < 16) return false;
  let at = from + 16;
  if (bytes[at] === 0x3a && at < to) {
    seconds += twoDigits(bytes, at + 1);
    at += 3;
  }
  if (Number.isNaN(seconds) || at > to) return false;
  found.micros = seconds * 1_000_000;
  if (at < to && bytes[at] === 0x2e) {
    let unit = 100_000;
    const first = ++at;
    for (; at < to; at++) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      found.micros += digit * unit;
      unit = Math.floor(unit / 10);
    }
    if (at === first || at - first > 9) return false;
  }
  return readOffset(bytes, at, to, found);
}

function readOffset(bytes: Buffer, from: number, to: number, found: ReadTime): boolean {
  if (from === to) return true;
  found.hasOffset = true;
  const sign = bytes[from];
  if (sign === 0x5a && from + 1 === to) return true; // Z
  if (sign !== 0x2b && sign !== 0x2d) return false;
  const minutesAt = bytes[from + 3] === 0x3a ? from + 4 : from + 3;
  const hasMinutes = from + 3 < to;
  if (to !== (hasMinutes ? minutesAt + 2 : from + 3)) return false;
  const minutes = 60 * twoDigits(bytes, from + 1) + (hasMinutes ? twoDigits(bytes, minutesAt) : 0);
  found.offsetMinutes = sign === 0x2d ? -minutes : minutes;
  return !Number.isNaN(minutes);
}

const dateForm = /^(\d{4,6})-(\d\d)-(\d\d)$/;
/** Days since 1970 of any date that is written in digits: years beyond 9999 too. */
export function daysOf(text: string): number | undefined {
  const match = dateForm.exec(text);
  if (!match) return undefined;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(ms) ? undefined : ms / 86_400_000;
}

const timeForm =
  /^(\d{4,6})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d)?(?::?(\d\d))?)?$/i;
/**
 * Microseconds since 1970 of what `readTime` does not know: years beyond 9999, offsets with seconds. Of the instant where an
 * offset is told, else of what the clock showed.
 */
export function microsOf(text: string): bigint | undefined {
  const match = timeForm.exec(text);
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = '0',
    fraction = '',
    ,
    sign,
    offHour = '0',
    offMinute = '0',
    offSecond = '0',
  ] = match;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (Number.isNaN(ms)) return undefined;
  const offsetMs = sign
    ? (sign === '-' ? -1 : 1) * (Number(offHour) * 3_600 + Number(offMinute) * 60 + Number(offSecond)) * 1_000
    : 0;
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return BigInt(ms - offsetMs) * 1_000n + BigInt(micros);
}
