import { expect, test } from 'vitest';
import { compareTexts } from '../../playbooks/document/compare-texts.ts';
import { pairLines } from './text-pair.tsx';

test('what was removed stands beside what came in its place, and each side counts its own lines', () => {
  const before = 'select a\nfrom t\nwhere x = 1\norder by a\n';
  const after = 'select a, b\nfrom t\nwhere x = 1\nlimit 5\norder by a\n';
  const paired = pairLines(compareTexts(before, after));
  expect(paired.map(({ kind, left, right }) => [kind, left?.text ?? null, right?.text ?? null])).toEqual([
    ['changed', 'select a', 'select a, b'],
    ['same', 'from t', 'from t'],
    ['same', 'where x = 1', 'where x = 1'],
    ['changed', null, 'limit 5'],
    ['same', 'order by a', 'order by a'],
  ]);
  expect(paired.at(-1)).toMatchObject({ left: { line: 4 }, right: { line: 5 } });
});
