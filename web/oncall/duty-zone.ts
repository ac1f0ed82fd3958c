import { instantAt, wallTime } from '#contracts/schedules/zone.ts';
import { formatTime } from '../kit/time.ts';

const dayMs = 86_400_000;

/** The Monday of the week in which an instant falls in a zone, as `2026-11-16`. */
export function mondayOf(at: number, zone: string): string {
  const wall = wallTime(at, zone);
  const weekday = (new Date(wall).getUTCDay() + 6) % 7;
  return new Date(Math.floor(wall / dayMs) * dayMs - weekday * dayMs).toISOString().slice(0, 10);
}

/** A date some days later. */
export const daysLater = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

/** The midnights in a zone from a date on, one more than there are days: a day may have 23 or 25 hours. */
export const midnights = (date: string, days: number, zone: string): number[] =>
  Array.from({ length: days + 1 }, (_, day) =>
    instantAt(Date.parse(`${daysLater(date, day)}T00:00:00Z`), zone, 'first'),
  );

/** `2026-11-23T09:00` of an instant in a zone, as date fields take it. */
export const localField = (at: number, zone: string): string => new Date(wallTime(at, zone)).toISOString().slice(0, 16);

/** The instant that a date field means in a zone; undefined while it is not filled in. */
export function instantOfField(field: string, zone: string): number | undefined {
  const wall = Date.parse(`${field}:00Z`);
  return Number.isNaN(wall) ? undefined : instantAt(wall, zone, 'first');
}

/** Where an instant lies between two, in percent. */
export const percentOf = (at: number, from: number, to: number): number =>
  Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));

/** When duty begins or ends, on the clocks of a zone: `Mon, 16 Nov, 08:00`. */
export const momentWords = (at: number, zone: string): string =>
  formatTime(at, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }, { zone });
