import { expect, test } from 'vitest';
import { presenceWords } from './others-here.tsx';

test('who else is here is said in a sentence, of many two by name', () => {
  const people = ['Jo', 'Ana', 'Max', 'Vic'].map((name) => ({ name }));
  expect([0, 1, 2, 4].map((count) => presenceWords(people.slice(0, count)))).toEqual([
    '',
    'Jo edits this too',
    'Jo and Ana edit this too',
    'Jo, Ana and 2 more edit this too',
  ]);
});
