import { describe, expect, test } from 'vitest';
import { readCron } from './cron.ts';
import { nextTimes, previewTimes, sentenceOf, timesAfter } from './times.ts';
import { instantsOf, isZone } from './zone.ts';

const berlin = (cron: string | string[]) => ({ cron: [cron].flat(), everyMs: null, timeZone: 'Europe/Berlin' });
const times = (timing: Parameters<typeof nextTimes>[0], after: string, count: number) =>
  nextTimes(timing, Date.parse(after), count).map(({ at }) => new Date(at).toISOString().slice(0, 16));

describe('cron', () => {
  test('names, ranges, steps, lists and shortcuts are read', () => {
    expect(readCron('*/20 9-17/4 1,15 JAN-mar mon-fri')).toMatchObject({
      ok: true,
      fields: {
        second: [0],
        minute: [0, 20, 40],
        hour: [9, 13, 17],
        dayOfMonth: [1, 15],
        month: [1, 2, 3],
        dayOfWeek: [1, 2, 3, 4, 5],
        isEitherDay: true,
      },
    });
    expect(readCron('30 0 2 * * 7')).toMatchObject({
      ok: true,
      fields: { second: [30], minute: [0], hour: [2], dayOfWeek: [0], isEitherDay: false },
    });
    expect(readCron('@daily')).toMatchObject({ ok: true, fields: { text: '0 0 * * *', hour: [0], minute: [0] } });
    expect(readCron('5/20 * * * *')).toMatchObject({ ok: true, fields: { minute: [5, 25, 45] } });
  });
  test.each([
    ['61 * * * *', 'outside of 0–59'],
    ['* * * *', '4 fields'],
    ['* * * * * * *', '7 fields'],
    ['a * * * *', 'outside of 0–59'],
    ['0 0 31 2 *', 'no month has that day'],
    ['*/0 * * * *', 'step of 0'],
    ['9-5 * * * *', 'backwards'],
    ['@every 5m', 'interval'],
    ['@fortnightly', 'no shortcut'],
    ['0 0 L * *', 'outside of'],
    ['0 0 * * 5#2', 'cannot be read'],
    ['', 'fields'],
  ])('%s is refused with its reason', (text, why) => {
    expect(readCron(text)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });
});

describe('next times', () => {
  test('are in the zone of the schedule', () => {
    expect(times(berlin('30 2 * * *'), '2026-01-10T00:00:00Z', 2)).toEqual(['2026-01-10T01:30', '2026-01-11T01:30']);
    expect(times(berlin('30 2 * * *'), '2026-07-10T00:00:00Z', 1)).toEqual(['2026-07-10T00:30']);
  });
  test('a local time that the clocks leap over starts nothing that day', () => {
    // 2027-03-28 02:00 becomes 03:00 in Berlin.
    expect(times(berlin('30 2 * * *'), '2027-03-27T00:00:00Z', 3)).toEqual([
      '2027-03-27T01:30',
      '2027-03-29T00:30',
      '2027-03-30T00:30',
    ]);
  });
  test('a local time that comes twice counts once, and is marked', () => {
    // 2027-10-31 03:00 becomes 02:00 in Berlin.
    expect(times(berlin('30 2 * * *'), '2027-10-30T01:00:00Z', 2)).toEqual(['2027-10-31T01:30', '2027-11-01T01:30']);
    const { nextTimes: shown } = previewTimes(berlin('30 2 * * *'), Date.parse('2027-10-30T01:00:00Z'), 1);
    expect(shown).toEqual([
      { at: '2027-10-31T01:30:00.000Z', local: '2027-10-31 02:30', offset: '+01:00', note: 'repeated' },
    ]);
  });
  test('zones of half hours and southern summers are counted right', () => {
    expect(times({ cron: ['0 9 * * *'], everyMs: null, timeZone: 'Asia/Kolkata' }, '2026-05-01T00:00:00Z', 1)).toEqual([
      '2026-05-01T03:30',
    ]);
    expect(
      times({ cron: ['0 9 * * *'], everyMs: null, timeZone: 'Australia/Sydney' }, '2026-01-01T00:00:00Z', 1),
    ).toEqual(['2026-01-01T22:00']);
  });
  test('the day of the month or the weekday is enough where both are named', () => {
    expect(times({ cron: ['0 0 13 * 5'], everyMs: null, timeZone: 'UTC' }, '2026-11-01T00:00:00Z', 4)).toEqual([
      '2026-11-06T00:00',
      '2026-11-13T00:00',
      '2026-11-20T00:00',
      '2026-11-27T00:00',
    ]);
    expect(times({ cron: ['0 0 12 * 5'], everyMs: null, timeZone: 'UTC' }, '2026-11-05T00:00:00Z', 3)).toEqual([
      '2026-11-06T00:00',
      '2026-11-12T00:00',
      '2026-11-13T00:00',
    ]);
  });
  test('names and open steps are counted as they are read', () => {
    expect(times(berlin('5/20 8 * Jan MON-tue'), '2026-11-21T00:00:00Z', 4)).toEqual([
      '2027-01-04T07:05',
      '2027-01-04T07:25',
      '2027-01-04T07:45',
      '2027-01-05T07:05',
    ]);
  });
  test('several expressions are one schedule, in order and without doubles', () => {
    expect(times(berlin(['0 8 * * *', '0 20 * * *', '0 8 * * 1']), '2026-11-22T00:00:00Z', 4)).toEqual([
      '2026-11-22T07:00',
      '2026-11-22T19:00',
      '2026-11-23T07:00',
      '2026-11-23T19:00',
    ]);
  });
  test('intervals are counted from 1970, whatever the zone', () => {
    expect(times({ cron: [], everyMs: 7 * 60_000, timeZone: 'Europe/Berlin' }, '2026-11-21T06:51:00Z', 2)).toEqual([
      '2026-11-21T06:57',
      '2026-11-21T07:04',
    ]);
  });
  test('begin and end bound them', () => {
    const bounded = {
      ...berlin('0 * * * *'),
      startAt: new Date('2026-11-21T10:00:00Z'),
      endAt: new Date('2026-11-21T11:00:00Z'),
    };
    expect(times(bounded, '2026-11-21T00:00:00Z', 9)).toEqual(['2026-11-21T10:00', '2026-11-21T11:00']);
    expect(times(bounded, '2026-11-21T12:00:00Z', 9)).toEqual([]);
  });
  test('counting from any second of a day on which the clocks change loses and doubles nothing', () => {
    // Put back on 2027-10-31 at 01:00 UTC, forward on 2027-03-28 at 01:00 UTC.
    for (const day of ['2027-10-31', '2027-03-28', '2027-06-15']) {
      const all = times(berlin('*/30 * * * *'), `${day}T00:00:00Z`, 47);
      for (let index = 0; index < 40; index += 3) {
        expect(times(berlin('*/30 * * * *'), `${all[index]}:00Z`, 5), `${day} ${index}`).toEqual(
          all.slice(index + 1, index + 6),
        );
      }
    }
  });
  test('each second of a schedule that comes every second is found from where it is asked, not from hours before', () => {
    let asked = 0;
    for (const { at } of timesAfter(berlin('* * * * * *'), Date.parse('2026-11-21T00:00:00.500Z'))) {
      asked += 1;
      expect(at).toBe(Date.parse('2026-11-21T00:00:00Z') + asked * 1_000);
      if (asked >= 100) break;
    }
  });
  test('a leap day is found years ahead', () => {
    expect(times({ cron: ['0 0 29 2 *'], everyMs: null, timeZone: 'UTC' }, '2026-11-21T00:00:00Z', 2)).toEqual([
      '2028-02-29T00:00',
      '2032-02-29T00:00',
    ]);
  });
});

test('the preview says which local times of the coming year are left out', () => {
  const { leftOut, sentence } = previewTimes(berlin('*/30 2 * * *'), Date.parse('2026-11-21T00:00:00Z'), 1);
  expect(leftOut).toEqual([{ local: '2027-03-28 02:00' }, { local: '2027-03-28 02:30' }]);
  expect(sentence).toBe('Every 30 minutes, between 02:00 and 02:59');
  expect(
    previewTimes({ ...berlin('0 2 * * *'), timeZone: 'UTC' }, Date.parse('2026-11-21T00:00:00Z'), 1).leftOut,
  ).toEqual([]);
});

test('the times in words', () => {
  expect(sentenceOf({ cron: ['30 2 * * 1'], everyMs: null })).toBe('At 02:30, only on Monday');
  expect(sentenceOf({ cron: ['@daily'], everyMs: null })).toBe('At 00:00');
  expect(sentenceOf({ cron: [], everyMs: 5_400_000 })).toBe('Every 90 minutes');
  expect(sentenceOf({ cron: [], everyMs: 86_400_000 })).toBe('Every day');
});

test('local times and their instants', () => {
  expect(instantsOf(Date.UTC(2027, 2, 28, 2, 30), 'Europe/Berlin')).toEqual([]);
  expect(instantsOf(Date.UTC(2027, 9, 31, 2, 30), 'Europe/Berlin')).toHaveLength(2);
  expect(isZone('Europe/Berlin')).toBe(true);
  expect(isZone('Mars/Olympus')).toBe(false);
  expect(isZone('+02:00')).toBe(false);
});
