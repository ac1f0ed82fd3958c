import { expect, test } from 'vitest';
import { QueryDelivery } from '#contracts/queries/delivery.ts';
import { alertWords, deliveryWords } from './after-words.ts';

const id = '019a0000-0000-7000-8000-000000000001';
const names = new Map([[id, '#lake']]);
const words = (delivery: object): string => deliveryWords(QueryDelivery.parse(delivery), names);

test('a delivery says what will happen: what goes where, and what happens to what is too large or too much', () => {
  expect(words({ kind: 'mail', recipients: ['a@b.co', 'c@d.co'] })).toBe(
    'Mails the rows as CSV to a@b.co and c@d.co; a file above 5 MB is a link to the run.',
  );
  expect(words({ kind: 'webhook', channelId: id })).toBe('Posts the rows as JSON lines, signed, to #lake.');
  const fingerprint = `SHA256:${'a'.repeat(43)}`;
  expect(words({ kind: 'sftp', host: 'h.example', credentialId: id, fingerprint, path: 'in/{date}.csv' })).toBe(
    'Writes the rows as CSV to in/{date}.csv on h.example, signed in with #lake; the file appears once it is whole.',
  );
  expect(words({ kind: 'data_extension', key: 'AUD', guard: { atLeast: 10, atMost: 5_000, withinPercent: 20 } })).toBe(
    'Replaces what is in the data extension AUD, only with 10 to 5,000 rows, at most 20 % away from the last time.',
  );
  expect(words({ kind: 'data_extension', key: 'AUD', mode: 'append' })).toContain(
    'Adds the rows to the data extension AUD',
  );
});

test('an alert says when it is told', () => {
  expect(alertWords({ on: 'rows', is: 'below', count: 1_000 })).toBe('there are fewer than 1,000 rows');
  expect(alertWords({ on: 'value', column: 'stock', is: 'above', value: 3 })).toBe('stock of the first row is above 3');
  expect(alertWords({ on: 'late', afterMs: 1_800_000 })).toBe('a run has not ended 30m after its time');
  expect(alertWords({ on: 'change', byPercent: 5 })).toBe('there are 5 % more or fewer rows than the run before had');
});
