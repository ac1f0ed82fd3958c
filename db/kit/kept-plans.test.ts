import { expect, test } from 'vitest';
import { nameOfPlan } from './kept-plans.ts';

const often = (text: string): string | undefined =>
  Array.from({ length: 40 }, () => nameOfPlan(text)).findLast(() => true);

test('a statement is named once it has come often, and always by the same name', () => {
  const text = 'select id from runs where id = $1';
  expect(nameOfPlan(text)).toBeUndefined();
  expect(often(text)).toMatch(/^wl_/);
  expect(often(text)).toBe(nameOfPlan(text));
  expect(often('select id from runs where id < $1')).not.toBe(nameOfPlan(text));
});

test.each([
  ['all columns, which a newer process may add to', 'select * from runs where id = $1'],
  ['all columns of a table', 'select r.* from runs r where id = $1'],
  ['several statements in one', 'select 1; select 2'],
  ['the words of a transaction', 'commit'],
])('never named: %s', (_what, text) => {
  expect(often(text)).toBeUndefined();
});

test('counting is no star', () => {
  expect(often('select count(*) from runs where status = $1')).toBeDefined();
});
