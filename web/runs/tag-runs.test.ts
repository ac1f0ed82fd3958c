import { expect, test } from 'vitest';
import { faultOfTags, undoOf } from './tag-runs.ts';

test('what takes a change back undoes only what it did, as few requests as there are different changes', () => {
  expect(
    undoOf([
      { id: 'a', ok: true, added: ['eu'], removed: ['old'] },
      { id: 'b', ok: true, added: [], removed: ['old'] }, // it had eu before, and keeps it
      { id: 'c', ok: true, added: ['eu'], removed: ['old'] },
      { id: 'd', ok: true, added: [], removed: [] },
      { id: 'e', ok: false, error: { code: 'request.not_found', message: 'It is gone.' } },
    ]),
  ).toEqual([
    { ids: ['a', 'c'], add: ['old'], remove: ['eu'] },
    { ids: ['b'], add: ['old'], remove: [] },
  ]);
});

test('a tag that the server would refuse is told before it is sent', () => {
  expect(faultOfTags(['release', 'eu:1'])).toBeNull();
  expect(faultOfTags(['release', 'größer'])).toMatch(/^größer:/);
  expect(faultOfTags(Array.from({ length: 21 }, (_, place) => `t${place}`))).toMatch(/20 tags/);
});
