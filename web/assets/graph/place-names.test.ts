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

test('a name stands below, above where that is taken, else at a side; whoever is first goes first', () => {
  const [below, above] = [12, -20].map((top): Box => ({ left: -20, top, right: 20, bottom: top + 8 }));
  const placed = (...taken: Box[]) => placeNames([name('web-1', 0, 0)], taken).map(({ x, y }) => [Math.sign(x), y]);
  expect(placed()).toEqual([[0, 17]]);
  expect(placed(below as Box)).toEqual([[0, -11]]);
  expect(placed(below as Box, above as Box)).toEqual([[1, 3]]);
  const atRight = { left: 5, top: -5, right: 60, bottom: 5 };
  expect(placed(below as Box, above as Box, atRight)).toEqual([[-1, 3]]);
  const both = placeNames([name('first', 0, 0), name('second', 0, 0), name('third', 0, 0)], []);
  expect(both.map(({ text }) => text)).toEqual(['first', 'second']);
});

test('a name goes round a dot where it can, and over it where it cannot', () => {
  const dot = { left: -4, top: 12, right: 4, bottom: 20 };
  expect(placeNames([name('web', 0, 0)], [], [dot])).toEqual([{ text: 'web', x: 0, y: -11 }]);
  const everywhere = { left: -100, top: -100, right: 100, bottom: 100 };
  expect(placeNames([name('web', 0, 0)], [], [everywhere])).toEqual([{ text: 'web', x: 0, y: 17 }]);
});

test('a chosen name is written in any case, and one that is written already keeps its room', () => {
  const taken = [{ left: -200, top: -100, right: 200, bottom: 100 }];
  expect(placeNames([name('hidden', 0, 0)], [...taken])).toEqual([]);
  expect(placeNames([name('chosen', 0, 0, { isChosen: true })], [...taken])).toEqual([{ text: 'chosen', x: 0, y: 17 }]);
});
