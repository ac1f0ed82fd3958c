import { expect, test } from 'vitest';
import { changesSightOf } from './stream-filter.ts';

const changed = (userId: string, change: string) => ({ type: 'member.changed', data: { userId, change } });
const key = { role: null, ownerId: 'mara' } as const;

test('a key’s streams begin anew when the person who answers for it sees other than before, and at nobody else’s change', () => {
  expect(changesSightOf(key, changed('mara', 'units'))).toBe(true);
  expect(changesSightOf(key, changed('mara', 'role'))).toBe(true);
  expect(changesSightOf(key, changed('mara', 'added'))).toBe(false);
  expect(changesSightOf(key, changed('tomas', 'removed'))).toBe(false);
});

test('a rule that changes begins the streams of all anew but of those who see all', () => {
  const rule = { type: 'query_rule.changed', data: {} };
  const roles = (['owner', 'admin', 'member', null] as const).map((role) => changesSightOf({ role }, rule));
  expect(roles).toEqual([false, false, true, true]);
});
