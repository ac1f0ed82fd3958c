import { expect, test } from 'vitest';
import { z } from 'zod';
import { faultWords } from './fault-words.ts';

const saidOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema.safeParse(value, { error: faultWords }).error?.issues[0]?.message;

test('an empty field is said to be needed, whatever its type', () => {
  expect(saidOf(z.string().trim().min(1), '')).toBe('This is needed.');
  expect(saidOf(z.email(), '')).toBe('This is needed.');
  expect(saidOf(z.string(), undefined)).toBe('This is needed.');
});

test('limits are said as figures with their unit', () => {
  expect(saidOf(z.string().min(3), 'a')).toBe('At least 3 characters.');
  expect(saidOf(z.string().max(1), 'ab')).toBe('At most 1 character.');
  expect(saidOf(z.number().max(5), 9)).toBe('At most 5.');
});

test('a mail address and a web address are shown by example; what the contract says itself stays', () => {
  expect(saidOf(z.email(), 'mara')).toBe('A mail address, such as mara@example.org.');
  expect(saidOf(z.url(), 'mara')).toBe('An address that begins with https:// or http://.');
  expect(saidOf(z.string().min(8, 'Several words.'), 'a')).toBe('Several words.');
});
