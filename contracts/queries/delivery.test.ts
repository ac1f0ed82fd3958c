import { expect, test } from 'vitest';
import { AfterQuery, QueryDelivery, RowGuard, guardRefusal, meetsAlert } from './delivery.ts';

const id = '019a0000-0000-7000-8000-000000000001';

test('alerts on rows compare the count, and an unknown count alarms nobody', () => {
  const above = { on: 'rows', is: 'above', count: 10 } as const;
  expect([9, 10, 11].map((rowCount) => meetsAlert(above, { rowCount }))).toEqual([false, false, true]);
  expect(meetsAlert(above, { rowCount: null })).toBe(false);
  expect([0, 1].map((rowCount) => meetsAlert({ on: 'no_rows' }, { rowCount }))).toEqual([true, false]);
});

test('alerts on a value look at the first row: numbers as numbers, an empty or missing cell never alarms', () => {
  const below = { on: 'value', column: 'stock', is: 'below', value: 10 } as const;
  const told = (stock: string | null) => meetsAlert(below, { rowCount: 1, firstRow: { stock } });
  expect(['9', '10', '9.5', '', 'none', null].map(told)).toEqual([true, false, true, false, false, false]);
  expect(meetsAlert(below, { rowCount: 0 })).toBe(false);
  const word = { on: 'value', column: 'state', is: 'not_equal', value: 'open' } as const;
  expect(meetsAlert(word, { rowCount: 1, firstRow: { state: 'closed' } })).toBe(true);
});

test('a delivery names where to, and what is attached has a bound', () => {
  const mail = { kind: 'mail', recipients: ['ada@example.org'] };
  expect(QueryDelivery.parse(mail)).toMatchObject({ format: 'csv', attachUpToBytes: 5 * 1_048_576 });
  expect(QueryDelivery.safeParse({ ...mail, attachUpToBytes: 21 * 1_048_576 }).success).toBe(false);
  expect(QueryDelivery.safeParse({ kind: 'mail', recipients: [] }).success).toBe(false);
  expect(QueryDelivery.parse({ kind: 'webhook', channelId: id })).toMatchObject({ format: 'ndjson' });
  expect(AfterQuery.parse({})).toEqual({ deliveries: [], alerts: [] });
});

test('an alert on change compares with the run before; without one nobody is alarmed', () => {
  const change = { on: 'change', byPercent: 20 } as const;
  const told = (rowCount: number | null, lastRows: number | null) => meetsAlert(change, { rowCount, lastRows });
  expect([told(119, 100), told(120, 100), told(80, 100), told(81, 100)]).toEqual([false, true, true, false]);
  expect([told(1, 0), told(0, 0), told(5, null), told(null, 5)]).toEqual([true, false, false, false]);
});

test('a guard lets through what lies within its bounds and, where it asks for that, near what was written last', () => {
  const guard = RowGuard.parse({ atLeast: 10, atMost: 100, withinPercent: 10 });
  const is = (rows: number, lastRows: number | null = null) => guardRefusal(guard, { rows, lastRows }) === null;
  expect([is(9), is(10), is(100), is(101)]).toEqual([false, true, true, false]);
  expect([is(55, 50), is(56, 50), is(45, 50), is(44, 50), is(50, 0)]).toEqual([true, false, true, false, false]);
  expect(guardRefusal(RowGuard.parse({}), { rows: 0, lastRows: null })).toContain('at least 1');
  expect(RowGuard.safeParse({ atLeast: 5, atMost: 4 }).success).toBe(false);
  expect(QueryDelivery.parse({ kind: 'data_extension', key: 'a' })).toMatchObject({
    mode: 'overwrite',
    guard: { atLeast: 1, atMost: 1_000_000 },
  });
});
