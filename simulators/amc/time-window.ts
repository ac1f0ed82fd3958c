import { wallClock } from './catalog/expressions.ts';
import { historyDays } from './engine/events.ts';
import type { RunWindow } from './engine/translate.ts';

export const windowTypes = [
  'EXPLICIT',
  'MOST_RECENT_DAY',
  'MOST_RECENT_WEEK',
  'CURRENT_MONTH',
  'PREVIOUS_MONTH',
  'ALL',
] as const;
export type WindowType = (typeof windowTypes)[number];

export const isZone = (zone: string): boolean => {
  try {
    wallClock(0, zone);
    return true;
  } catch {
    return false;
  }
};

/** The instant at which clocks in a zone show this; of a time that is skipped, the moment clocks go on. */
export function instantOf(wall: string, zone: string): number {
  const wanted = Date.parse(`${wall}Z`);
  let ms = wanted;
  for (let round = 0; round < 3; round++) ms += wanted - Date.parse(`${wallClock(ms, zone)}Z`);
  return ms;
}

export interface AskedWindow extends RunWindow {
  /** On the clocks of the zone. */
  readonly start: string;
  readonly end: string;
}

/** Which time a query covers, by its words and a moment (AMC §4.3). */
export function windowOf(
  type: WindowType,
  zone: string,
  nowMs: number,
  explicit: { start?: string | undefined; end?: string | undefined },
): AskedWindow | null {
  const today = wallClock(nowMs, zone).slice(0, 10);
  const day = (offset: number): string => {
    const date = new Date(`${today}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + offset);
    return `${date.toISOString().slice(0, 10)}T00:00:00`;
  };
  const month = (offset: number): string => {
    const date = new Date(`${today.slice(0, 7)}-01T00:00:00Z`);
    date.setUTCMonth(date.getUTCMonth() + offset);
    return `${date.toISOString().slice(0, 10)}T00:00:00`;
  };
  const bounds: Record<WindowType, readonly [string | undefined, string | undefined]> = {
    EXPLICIT: [explicit.start, explicit.end],
    MOST_RECENT_DAY: [day(-1), day(0)],
    MOST_RECENT_WEEK: [day(-7), day(0)],
    CURRENT_MONTH: [month(0), day(1)],
    PREVIOUS_MONTH: [month(-1), month(0)],
    ALL: [day(-historyDays), day(1)],
  };
  const [start, end] = bounds[type];
  if (start === undefined || end === undefined) return null;
  const fromMs = instantOf(start, zone);
  const toMs = instantOf(end, zone);
  return fromMs < toMs ? { start, end, fromMs, toMs } : null;
}
