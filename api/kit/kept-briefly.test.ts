import { expect, test } from 'vitest';
import { standingClock } from '#system/clock.ts';
import { KeptBriefly } from './kept-briefly.ts';

const counted = (answers: (string | undefined)[]) => {
  let looks = 0;
  return { look: async () => answers[looks++], looks: () => looks };
};

test('callers at once share one look-up, and its answer is kept for its time', async () => {
  const clock = standingClock(0);
  const kept = new KeptBriefly<string | undefined>({ clock, ms: 100, most: 10 });
  const { look, looks } = counted(['a', 'b']);
  expect(await Promise.all([kept.get('k', look), kept.get('k', look)])).toEqual(['a', 'a']);
  clock.move(99);
  expect(await kept.get('k', look)).toBe('a');
  clock.move(1);
  expect(await kept.get('k', look)).toBe('b');
  expect(looks()).toBe(2);
});

test('neither nothing nor a failure is kept', async () => {
  const kept = new KeptBriefly<string | undefined>({ clock: standingClock(0), ms: 100, most: 10 });
  const { look } = counted([undefined, 'found']);
  expect(await kept.get('k', look)).toBeUndefined();
  await expect(kept.get('f', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await kept.get('k', look)).toBe('found');
  expect(await kept.get('f', async () => 'back')).toBe('back');
});

test('what was dropped is not put back by a look-up that began before', async () => {
  const kept = new KeptBriefly<string>({ clock: standingClock(0), ms: 100, most: 10 });
  const slow = Promise.withResolvers<string>();
  const asked = kept.get('k', () => slow.promise);
  kept.clear();
  slow.resolve('old');
  expect(await asked).toBe('old');
  expect(await kept.get('k', async () => 'new')).toBe('new');
});

test('of more than it holds, the least recently used goes', async () => {
  const kept = new KeptBriefly<string>({ clock: standingClock(0), ms: 100, most: 2 });
  const put = (key: string, value: string) => kept.get(key, async () => value);
  await put('a', '1');
  await put('b', '1');
  await put('a', '2');
  await put('c', '1');
  expect([await put('a', '3'), await put('b', '3')]).toEqual(['1', '3']);
});
