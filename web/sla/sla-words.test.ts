import { expect, test } from 'vitest';
import { weekInWords } from './sla-words.ts';

const office = [{ from: '09:00', to: '17:00' }];

test('days in a row with the same hours are said together, and a day without hours parts them', () => {
  expect(
    weekInWords({ week: { mon: office, tue: office, thu: office, sat: [{ from: '10:00', to: '14:00' }], wed: [] } }),
  ).toBe('Mon–Tue 09:00–17:00, Thu 09:00–17:00, Sat 10:00–14:00');
  expect(weekInWords({ week: { mon: [...office, { from: '18:00', to: '20:00' }] } })).toBe('Mon 09:00–17:00 and 18:00–20:00'); // prettier-ignore
});
