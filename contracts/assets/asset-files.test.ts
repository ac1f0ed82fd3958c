import { expect, test } from 'vitest';
import { readCell, writeCell } from './asset-files.ts';
import type { AttributeValue } from './asset-types.ts';
import { discoveryPatch } from './discovered.ts';
import { mayBecome, nextStates } from './lifecycle.ts';

test('every value comes back from its cell as it was, with and without a definition of its kind', () => {
  const values: AttributeValue[] = [
    'plain',
    '',
    '007',
    '1e3',
    'true',
    '[1]',
    '"x"',
    ' a ',
    0,
    -1.5,
    true,
    false,
    [],
    ['a;b', '1'],
    '2027-04-30',
  ];
  for (const value of values) {
    expect([value, readCell(writeCell(value), undefined)]).toEqual([value, value]);
    const kind = Array.isArray(value)
      ? 'list'
      : typeof value === 'string'
        ? 'text'
        : (typeof value as 'number' | 'boolean');
    expect([value, readCell(writeCell(value), { kind })]).toEqual([value, value]);
  }
});

test('what people write in a cell is read by its definition', () => {
  expect(readCell('8', { kind: 'text' })).toBe('8');
  expect(readCell('a; b', { kind: 'list' })).toEqual(['a', 'b']);
  expect(readCell('yes', { kind: 'boolean' })).toBe(true);
  expect(readCell('12.5', { kind: 'number' })).toBe(12.5);
  expect(readCell('many', { kind: 'number' })).toBe('many');
});

test('discovery writes what it wrote before and what nobody has, and nothing of a person', () => {
  const found = { 'os.name': 'Debian', 'os.kernel': '6.12', 'cpu.count': 8, rack: 'B1' };
  const attributes = { 'os.name': 'Debian GNU', 'os.kernel': '6.1', rack: 'C9', 'disk.old.gib': 5 };
  const sources = { 'os.name': 'person', 'os.kernel': 'discovery', rack: 'import', 'disk.old.gib': 'discovery', 'cpu.count': 'person' } as const; // prettier-ignore
  expect(discoveryPatch(attributes, sources, found)).toEqual({ 'os.kernel': '6.12', 'disk.old.gib': null });
  expect(discoveryPatch({}, {}, found)).toEqual(found);
});

test('a retired asset comes back as planned, and staying as it is needs no leave', () => {
  expect(nextStates('retired')).toEqual(['planned']);
  expect([mayBecome('active', 'active'), mayBecome('planned', 'maintenance')]).toEqual([true, false]);
});
