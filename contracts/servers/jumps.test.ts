import { expect, test } from 'vitest';
import { findJumpProblems } from './jumps.ts';

const problems = (ways: Record<string, string>) =>
  Object.fromEntries(findJumpProblems(new Map(Object.entries(ways)), (id) => id.toUpperCase()));

test('a way through five jump hosts is accepted, a sixth is not', () => {
  const five = { a: 'b', b: 'c', c: 'd', d: 'e', e: 'f' };
  expect(problems(five)).toEqual({});
  expect(problems({ z: 'a', ...five })).toEqual({ z: { code: 'jump.too_deep', facts: { limit: 5 } } });
});

test('a circle is named on every server that leads into it', () => {
  expect(problems({ a: 'b', b: 'c', c: 'b' })).toEqual({
    a: { code: 'jump.cycle', facts: { path: 'B → C → B' } },
    b: { code: 'jump.cycle', facts: { path: 'B → C → B' } },
    c: { code: 'jump.cycle', facts: { path: 'C → B → C' } },
  });
  expect(problems({ a: 'a' })).toMatchObject({ a: { code: 'jump.cycle' } });
});
