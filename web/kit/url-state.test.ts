import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseSearch, stringifySearch } from './search.ts';
import { list, readUrlState, writeUrlState } from './url-state.ts';

const View = z.object({
  q: z.string().default(''),
  status: list(z.enum(['running', 'waiting', 'failed'])),
  sort: z.enum(['-createdAt', 'createdAt']).default('-createdAt'),
  step: z.string().default(''),
  from: z.number().int().optional(),
  open: z.boolean().default(false),
});

test('an address gives the state, and what does not fit falls back', () => {
  expect(readUrlState(View, parseSearch('?status=running,waiting&from=3&open=true&sort=sideways'))).toEqual({
    q: '',
    status: ['running', 'waiting'],
    sort: '-createdAt',
    step: '',
    from: 3,
    open: true,
  });
  expect(readUrlState(View, { status: 'running,nonsense' }).status).toEqual([]);
});

test('defaults are left out of the address; commas stay readable', () => {
  const raw = writeUrlState(
    View,
    { run: 'x' },
    { q: '', status: ['running', 'failed'], sort: '-createdAt', open: false },
  );
  expect(stringifySearch(raw)).toBe('?run=x&status=running,failed');
});

test('any state survives the way into an address and back', () => {
  const state = fc.record({
    q: fc.string({ maxLength: 20 }),
    status: fc.uniqueArray(fc.constantFrom('running' as const, 'waiting' as const, 'failed' as const)),
    sort: fc.constantFrom('-createdAt' as const, 'createdAt' as const),
    step: fc.string({ maxLength: 12 }),
    from: fc.integer({ min: 0, max: 10_000 }),
    open: fc.boolean(),
  });
  fc.assert(
    fc.property(state, (value) => {
      expect(readUrlState(View, parseSearch(stringifySearch(writeUrlState(View, {}, value))))).toEqual(value);
    }),
  );
});
