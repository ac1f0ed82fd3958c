import { expect, test } from 'vitest';
import { z } from 'zod';
import { routes } from '../routes.ts';
import { changesOf } from './changes.ts';

test('a change says what it names and nothing else', () => {
  const Thing = z.object({ name: z.string(), isShared: z.boolean().default(false), note: z.string().nullable() });
  const Change = changesOf(Thing);
  expect(Change.parse({})).toEqual({});
  expect(Change.parse({ isShared: true, note: null })).toEqual({ isShared: true, note: null });
  expect(Change.safeParse({ isShared: 'yes' }).success).toBe(false);
});

test('no PATCH fills in what it does not name', () => {
  const filled = Object.entries(routes).flatMap(([id, route]) => {
    if (route.method !== 'PATCH' || !('body' in route)) return [];
    const { success, data } = (route.body as z.ZodType).safeParse({});
    return success && Object.keys(data as object).length > 0 ? [id] : [];
  });
  expect(filled).toEqual([]);
});
