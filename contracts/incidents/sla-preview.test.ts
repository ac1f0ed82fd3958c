import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BusinessCalendar, openMsBetween, weekdays } from './business-calendar.ts';
import { computeClock } from './sla-clock.ts';
import { openClocks, SlaPolicy } from './sla-policy.ts';
import { previewClocks } from './sla-preview.ts';

const calendarId = '01890000-0000-7000-8000-000000000001';

test('what is previewed is what the clock does: spans without a gap that add up to the target, whatever zone and hours', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC', 'Pacific/Auckland'];
  const world = fc.record({
    timeZone: fc.constantFrom(...zones),
    days: fc.subarray([...weekdays], { minLength: 1 }),
    from: fc.integer({ min: 0, max: 25 }),
    hours: fc.integer({ min: 1, max: 20 }),
    holiday: fc.integer({ min: 1, max: 28 }),
    respondMinutes: fc.integer({ min: 1, max: 90 }),
    resolveHours: fc.integer({ min: 1, max: 60 }),
    isRoundTheClock: fc.boolean(),
    warnPercent: fc.integer({ min: 1, max: 99 }),
    // Around both changes of the clocks.
    month: fc.constantFrom(2, 9),
    minute: fc.integer({ min: 0, max: 30 * 24 * 60 }),
  });
  const timeOf = (halfHour: number): string =>
    `${String(Math.floor(halfHour / 2) % 24).padStart(2, '0')}:${halfHour % 2 === 0 ? '00' : '30'}`;
  const holds = fc.property(world, (given) => {
    const { timeZone, days, from, hours, holiday, respondMinutes, resolveHours, warnPercent, month } = given;
    const week = Object.fromEntries(days.map((day) => [day, [{ from: timeOf(from), to: timeOf(from + hours) }]]));
    const holidays = [{ date: `2026-03-${String(holiday).padStart(2, '0')}`, name: 'Off', hours: [] }];
    const calendar: BusinessCalendar = { name: 'Hours', timeZone, week, holidays };
    const policy = SlaPolicy.parse({
      name: 'P',
      targets: { sev1: { respond: `${respondMinutes}m`, resolve: `${resolveHours}h` } },
      calendarId: given.isRoundTheClock ? null : calendarId,
      warnPercent,
    });
    const openedAt = Date.UTC(2026, month, 1, 0, given.minute);
    const counted = policy.calendarId === null ? null : calendar;
    for (const { kind, segments, dueAt, warnAt, targetMs } of previewClocks(policy, calendar, {
      severity: 'sev1',
      openedAt,
    })) {
      expect(dueAt).not.toBeNull();
      const due = dueAt ?? 0;
      expect([segments[0]?.from, segments.at(-1)?.to]).toEqual([openedAt, due]);
      expect(segments.slice(1).map((one) => one.from)).toEqual(segments.slice(0, -1).map((one) => one.to));
      const countedMs = segments
        .filter(({ mode }) => mode === 'counting')
        .reduce((sum, one) => sum + one.to - one.from, 0);
      expect([countedMs, openMsBetween(counted, openedAt, due)]).toEqual([targetMs, targetMs]);
      const rules = { calendars: { [calendarId]: calendar }, warnRatio: policy.warnPercent / 100 };
      const clockAt = (now: number) => computeClock(openClocks(policy, 'sev1', openedAt)[kind], { ...rules, now });
      expect(clockAt(due)?.breachedAt).toBe(due);
      expect(clockAt(due - 1)?.breachedAt).toBeNull();
      expect(warnAt).toBe(clockAt(due)?.warnAt);
    }
  });
  fc.assert(holds, { numRuns: 150 });
});

test('a severity without a target has no clock, and hours that never come promise nothing', () => {
  const policy = SlaPolicy.parse({ name: 'P', targets: { sev1: { respond: '1h', resolve: null } }, calendarId });
  const closed: BusinessCalendar = { name: 'Never', timeZone: 'UTC', week: { mon: [] }, holidays: [] };
  expect(previewClocks(policy, closed, { severity: 'sev2', openedAt: 0 })).toEqual([]);
  expect(previewClocks(policy, closed, { severity: 'sev1', openedAt: 0 })).toMatchObject([
    { kind: 'respond', dueAt: null, segments: [] },
  ]);
});
