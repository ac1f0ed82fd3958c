import { expect, test } from 'vitest';
import type { QueryColumn, SchemaColumn } from './engine.ts';
import { diffOfTarget, isFit } from './target-diff.ts';

const text = (name: string, length?: number): QueryColumn => ({ name, type: 'text', ...(length && { length }) });
const of = (name: string, type: QueryColumn['type']): QueryColumn => ({ name, type });
const key: SchemaColumn = { name: 'SubscriberKey', type: 'text', length: 50, isKey: true, isRequired: true };
const verdicts = (...given: Parameters<typeof diffOfTarget>) => diffOfTarget(...given).map(({ verdict }) => verdict);

test('fields are met by name without regard to case; what fits is said to fit', () => {
  const diff = diffOfTarget(
    [text('subscriberkey', 50), of('points', 'integer')],
    [key, of('Points', 'decimal')],
    'overwrite',
  );
  expect(diff.map(({ field, column, verdict }) => [field?.name, column?.name, verdict])).toEqual([
    ['SubscriberKey', 'subscriberkey', 'fits'],
    ['Points', 'points', 'fits'],
  ]);
  expect(isFit(diff)).toBe(true);
});

test('a column without a field, a missing key and a missing required field are refused', () => {
  expect(verdicts([text('SubscriberKey', 50), text('City')], [key], 'append')).toEqual(['fits', 'refused']);
  expect(verdicts([], [key], 'update')).toEqual(['refused']);
  expect(verdicts([], [{ ...text('City'), isRequired: true }], 'overwrite')).toEqual(['refused']);
});

test('a field without a column stays as it is in an update and is empty otherwise', () => {
  const fields = [key, text('City', 80)];
  expect(verdicts([text('SubscriberKey', 50)], fields, 'update')).toEqual(['fits', 'untouched']);
  expect(verdicts([text('SubscriberKey', 50)], fields, 'overwrite')).toEqual(['fits', 'empty']);
});

test('types: what no value can do is refused, what values decide is said to be found out', () => {
  const judge = (from: QueryColumn, to: SchemaColumn) =>
    verdicts([{ ...from, name: 'x' }], [{ ...to, name: 'x' }], 'append')[0];
  expect(judge(text('x', 100), text('x', 50))).toBe('may_fail');
  expect(judge(text('x'), text('x', 50))).toBe('may_fail');
  expect(judge(text('x', 50), text('x', 50))).toBe('fits');
  expect(judge(text('x'), of('x', 'integer'))).toBe('may_fail');
  expect(judge(of('x', 'decimal'), of('x', 'integer'))).toBe('may_fail');
  expect(judge(of('x', 'integer'), of('x', 'timestamp'))).toBe('refused');
  expect(judge(of('x', 'timestamp'), of('x', 'boolean'))).toBe('refused');
  expect(judge(of('x', 'date'), of('x', 'timestamp'))).toBe('fits');
  expect(judge(text('x'), of('x', 'email'))).toBe('may_fail');
  expect(judge(of('x', 'integer'), text('x', 5))).toBe('fits');
});

test('an update needs a primary key', () => {
  expect(verdicts([text('City', 10)], [text('City', 80)], 'update')).toEqual(['refused']);
});
