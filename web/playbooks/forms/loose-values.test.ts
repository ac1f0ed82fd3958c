import { expect, test } from 'vitest';
import { fieldsOfKind } from '#contracts/playbooks/shape/steps.ts';
import { anyText, anyValue, looseText, looseValue } from './loose-values.ts';

const shapeOf = (name: string) => {
  const field = fieldsOfKind('ssh')[name];
  if (!field) throw new Error(name);
  return field.shape;
};

test('what is written becomes what its field takes', () => {
  expect(looseValue('5', shapeOf('parallel'))).toBe(5);
  expect(looseValue('25%', shapeOf('canary'))).toBe('25%');
  expect(looseValue('1, 25%', shapeOf('batch'))).toEqual([1, '25%']);
  expect(looseValue('true', shapeOf('sudo'))).toBe(true);
  expect(looseValue('deploy', shapeOf('sudo'))).toBe('deploy');
  expect(looseValue('5m', shapeOf('timeout'))).toBe('5m');
  expect(looseValue('', shapeOf('timeout'))).toBeUndefined();
});

test('a template stays the text it is, whatever its field takes', () => {
  expect(looseValue('${{ inputs.n, 1 }}', shapeOf('batch'))).toBe('${{ inputs.n, 1 }}');
  expect(looseText('${{ inputs.n }}')).toBe('${{ inputs.n }}');
});

test('any value is written so that it is read again as the same', () => {
  for (const value of ['text', '5', 'true', 5, true, { a: [1] }, ['x'], '{"a":1}'])
    expect(anyValue(anyText(value))).toEqual(value);
  expect(anyValue('')).toBeUndefined();
});
