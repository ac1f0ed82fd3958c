import { expect, test } from 'vitest';
import { holidaysFromCalendar } from './holidays-from-icalendar.ts';

const file = (...entries: string[][]): string =>
  ['BEGIN:VCALENDAR', ...entries.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']), 'END:VCALENDAR'].join(
    '\r\n',
  );
const read = (...entries: string[][]) => holidaysFromCalendar(file(...entries), { fromYear: 2026, toYear: 2028 });
const dates = (...entries: string[][]) => read(...entries).holidays.map(({ date }) => date);

test('a day, several days up to the end that is no longer in it, and names that are folded and escaped', () => {
  expect(
    read(
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'SUMMARY:Christmas\\, and the', '  days after'],
      ['DTSTART;VALUE=DATE:20260501', 'SUMMARY:Labour Day'],
    ).holidays,
  ).toEqual([
    { date: '2026-05-01', name: 'Labour Day' },
    { date: '2026-12-24', name: 'Christmas, and the days after' },
    { date: '2026-12-25', name: 'Christmas, and the days after' },
    { date: '2026-12-26', name: 'Christmas, and the days after' },
  ]);
});

test('what comes back each year comes within the years asked for, until it ends and but for its exceptions', () => {
  expect(dates(['DTSTART;VALUE=DATE:20101003', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=3'])).toEqual([
    '2026-10-03',
    '2027-10-03',
    '2028-10-03',
  ]);
  expect(dates(['DTSTART;VALUE=DATE:20200101', 'RRULE:FREQ=YEARLY;UNTIL=20270601', 'EXDATE;VALUE=DATE:20260101'])).toEqual(['2027-01-01']); // prettier-ignore
  expect(dates(['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'])).toEqual(['2028-02-29']);
  expect(dates(['DTSTART;VALUE=DATE:20250601', 'RRULE:FREQ=YEARLY;COUNT=2'])).toEqual(['2026-06-01']);
});

test('what has a time of day, repeats otherwise or is called off is no holiday', () => {
  expect(
    read(
      ['DTSTART:20261101T100000Z', 'SUMMARY:A meeting'],
      ['DTSTART;VALUE=DATE:20261101', 'RRULE:FREQ=WEEKLY'],
      ['DTSTART;VALUE=DATE:20261399'],
      ['DTSTART;VALUE=DATE:20261101', 'STATUS:CANCELLED'],
    ),
  ).toEqual({ holidays: [], skipped: 3 });
});

test('midnights with a zone are whole days, and a day named twice is one', () => {
  expect(
    read(
      ['DTSTART;TZID=Europe/Berlin:20261224T000000', 'DTEND;TZID=Europe/Berlin:20261225T000000', 'SUMMARY:A'],
      ['DTSTART;VALUE=DATE:20261224', 'SUMMARY:B'],
    ).holidays,
  ).toEqual([{ date: '2026-12-24', name: 'A' }]);
});
