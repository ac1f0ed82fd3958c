import { expect, test } from 'vitest';
import { mergeTexts } from './merge-text.ts';

const base = 'select a\nfrom t\nwhere x = 1\norder by a';

test('what two browsers typed in different lines is in the text, whoever was first', () => {
  const theirs = base.replace('select a', 'select a, b');
  const mine = base.replace('order by a', 'order by b');
  const both = 'select a, b\nfrom t\nwhere x = 1\norder by b';
  expect(mergeTexts(base, theirs, mine)).toEqual({ text: both, hasConflict: false });
  expect(mergeTexts(base, mine, theirs)).toEqual({ text: both, hasConflict: false });
});

test('where both changed the same line both stand, one after the other, and it is told', () => {
  const merged = mergeTexts(base, base.replace('x = 1', 'x = 2'), base.replace('x = 1', 'x = 3'));
  expect(merged).toEqual({ text: base.replace('where x = 1', 'where x = 2\nwhere x = 3'), hasConflict: true });
});

test('what both changed alike stands once, and what one alone changed is taken', () => {
  const changed = base.replace('x = 1', 'x = 2');
  expect(mergeTexts(base, changed, changed)).toEqual({ text: changed, hasConflict: false });
  expect(mergeTexts(base, changed, base)).toEqual({ text: changed, hasConflict: false });
  expect(mergeTexts(base, base, changed)).toEqual({ text: changed, hasConflict: false });
});

test('no line that either typed is ever lost, whatever they did to the text', () => {
  let seed = 7;
  const random = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
  for (let round = 0; round < 300; round++) {
    const lines = Array.from({ length: 1 + random(8) }, (_, at) => `line ${at}`);
    const edit = (who: string): string =>
      lines
        .flatMap((line, at) =>
          random(4) === 0 ? [`${who} ${round}.${at}`] : random(6) === 0 ? [line, `${who} new ${at}`] : [line],
        )
        .join('\n');
    const [theirs, mine] = [edit('theirs'), edit('mine')];
    const merged = mergeTexts(lines.join('\n'), theirs, mine).text.split('\n');
    const typed = [...theirs.split('\n'), ...mine.split('\n')].filter((line) => /theirs|mine/.test(line));
    expect(typed.filter((line) => !merged.includes(line))).toEqual([]);
  }
});
