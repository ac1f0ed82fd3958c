import { expect, test } from 'vitest';
import { type Box, boxOf, overlaps, placeNames, type WantedName } from './place-names.ts';

const name = (text: string, x: number, y: number, more: Partial<WantedName> = {}): WantedName => ({
  text,
  width: text.length * 6,
  x,
  y,
  away: 8,
  ...more,
});
const boxesOf = (wanted: readonly WantedName[], taken: Box[] = []): Box[] =>
  placeNames(wanted, taken).map(({ text, x, y }) => boxOf(text.length * 6, x, y));

test('no name stands over another, however close what they name is', () => {
  // Rows a few pixels apart, as in a graph of a few dozen assets.
  const wanted = Array.from({ length: 200 }, (_, n) => name(`host-${n}`, (n % 14) * 37, Math.floor(n / 14) * 19));
  const boxes = boxesOf(wanted);
  expect(boxes.length).toBeGreaterThan(50);
  const clashes = boxes.flatMap((box, n) => boxes.slice(n + 1).filter((other) => overlaps(box, other)));
  expect(clashes).toEqual([]);
});

test('a name stands below, above where that is taken, and nowhere where both are; whoever is first goes first', () => {
  const placed = placeNames([name('first', 0, 0), name('second', 4, 2), name('third', 2, 1)], []);
  expect(placed.map(({ text, y }) => [text, y > 1])).toEqual([
    ['first', true],
    ['second', false],
  ]);
});

test('a chosen name is written in any case, and one that is written already keeps its room', () => {
  const taken = [boxOf(400, 0, 17), boxOf(400, 0, -11)];
  expect(placeNames([name('hidden', 0, 0)], [...taken])).toEqual([]);
  expect(placeNames([name('chosen', 0, 0, { isChosen: true })], [...taken])).toEqual([{ text: 'chosen', x: 0, y: 17 }]);
});
