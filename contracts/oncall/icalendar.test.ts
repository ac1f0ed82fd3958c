import { expect, test } from 'vitest';
import { writeCalendar } from './icalendar.ts';

const at = (text: string): number => Date.parse(text);
const entry = {
  uid: 'a@windlass',
  from: at('2026-11-23T08:00:00Z'),
  to: at('2026-11-30T08:00:00.500Z'),
  title: 'On call: Ana; Primary, EU \\ x',
  description: 'Line one\nLine two\u0007',
};

test('times are instants, texts are escaped, lines end in CRLF', () => {
  const text = writeCalendar('Primary', [entry], at('2026-11-21T12:00:00Z'));
  expect(text.split('\r\n').slice(8)).toEqual([
    'BEGIN:VEVENT',
    'UID:a@windlass',
    'DTSTAMP:20261121T120000Z',
    'DTSTART:20261123T080000Z',
    'DTEND:20261130T080000Z',
    String.raw`SUMMARY:On call: Ana\; Primary\, EU \\ x`,
    String.raw`DESCRIPTION:Line one\nLine two`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]);
});

test('long lines are folded at 75 bytes, never within a character, and unfold to what they were', () => {
  const title = 'Bereitschaft für Ähren 🚒 '.repeat(12).trim();
  const text = writeCalendar('Primary', [{ ...entry, title }], 0);
  for (const line of text.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  expect(text.replaceAll('\r\n ', '')).toContain(`SUMMARY:${title}\r\n`);
});

test('no entry is a calendar too', () => {
  expect(writeCalendar('Empty', [], 0)).toMatch(/^BEGIN:VCALENDAR\r\n[^]*END:VCALENDAR\r\n$/);
});
