import { expect, test } from 'vitest';
import { findParameters, givenFor, missingIn, previewOf, timeText, valueOf } from './parameter-fields.ts';

test('each placeholder of a text is a field of its type, once; the window is asked for by the window', () => {
  const { defs, hasWindow } = findParameters(
    'sfmc',
    'SELECT a FROM t WHERE d >= {{ since: date = today }} AND e > {{ window.from }} AND n IN ({{ ids: number[] }}) AND d < {{ since }}',
  );
  expect(defs).toEqual([
    { name: 'since', type: 'date', default: 'today', isRequired: true },
    { name: 'ids', type: 'list', itemType: 'number', isRequired: true },
  ]);
  expect(hasWindow).toBe(true);
});

test('what stands in an optional clause alone need not be given, and what is declared counts more than the text', () => {
  const declared = { name: 'name', type: 'text' as const, isRequired: true, choices: ['a', 'b'] };
  const { defs } = findParameters(
    'postgres',
    'select 1 where true [[ and x = {{ least: number }} ]] and y = {{ name }}',
    [declared],
  );
  expect(defs).toEqual([{ name: 'least', type: 'number', isRequired: false }, declared]);
  expect(missingIn(defs, {})?.name).toBe('name');
  expect(missingIn(defs, { name: 'a' })).toBeNull();
});

test('only what is asked for and given is sent', () => {
  const { defs } = findParameters('postgres', 'select {{ a }}, {{ b }}');
  expect(givenFor(defs, { a: 'x', b: '', gone: 'y' })).toEqual({ a: 'x' });
});

test('typed text becomes a value of the type; digits that a number cannot hold stay text', () => {
  const def = (type: 'number' | 'list' | 'boolean', itemType?: 'number') => ({
    name: 'p',
    type,
    itemType,
    isRequired: true,
  });
  expect(valueOf('12.5', def('number'))).toBe(12.5);
  expect(valueOf('12345678901234567890', def('number'))).toBe('12345678901234567890');
  expect(valueOf('1, 2\n3', def('list', 'number'))).toEqual([1, 2, 3]);
  expect(valueOf('a , b,', def('list'))).toEqual(['a', 'b']);
  expect(valueOf('true', def('boolean'))).toBe(true);
});

test('relative words are shown as what they would be now, in the zone that is chosen', () => {
  const now = Date.parse('2026-11-21T23:30:00Z');
  expect(previewOf('today', 'date', now, 'UTC')).toMatchObject({
    isValid: true,
    value: '2026-11-21',
    isRelative: true,
  });
  expect(previewOf('today', 'date', now, 'Europe/Oslo')).toMatchObject({ value: '2026-11-22' });
  expect(previewOf('some day', 'date', now, 'UTC')).toEqual({ isValid: false });
  expect(previewOf('  ', 'date', now, 'UTC')).toBeNull();
});

test('an instant is read in the zone that was asked for, across a change of its clocks, and what was written as it is', () => {
  const now = Date.parse('2026-11-21T23:30:00Z');
  const shown = (text: string, type: 'date' | 'timestamp' = 'timestamp') => {
    const preview = previewOf(text, type, now, 'Europe/Oslo');
    return preview?.isValid ? timeText(preview, type, 'Europe/Oslo') : null;
  };
  expect(shown('today - 30d')).toBe('2026-10-23 00:00 GMT+2');
  expect(shown('today')).toBe('2026-11-22 00:00 GMT+1');
  expect(shown('today', 'date')).toBe('2026-11-22');
  expect(shown('2026-01-31')).toBe('2026-01-31 00:00');
});
