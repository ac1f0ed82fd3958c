import { expect, test } from 'vitest';
import { compareTexts, mergeTexts } from './compare-texts.ts';

test('two changes of different lines merge, two of the same line do not', () => {
  const base = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n';
  expect(mergeTexts(base, base.replace('a\n', 'A\n'), base.replace('j\n', 'J\n'))).toBe(
    base.replace('a\n', 'A\n').replace('j\n', 'J\n'),
  );
  expect(mergeTexts(base, base.replace('e\n', 'E\n'), base.replace('e\n', 'X\n'))).toBeUndefined();
});

test('two texts are told apart line by line', () => {
  expect(compareTexts('a\nb\n', 'a\nc\n')).toEqual([
    { kind: 'same', text: 'a' },
    { kind: 'removed', text: 'b' },
    { kind: 'added', text: 'c' },
  ]);
});
