import { expect, test } from 'vitest';
import { LogSearch } from './log-search.ts';
import { fixedLog, type LogLine } from './log-source.ts';

const line = (text: string): LogLine => ({ number: 1, at: '', host: '', stream: 'stdout', text });

test('a text is found in whatever case, through colours, and across what is drawn over', () => {
  const source = fixedLog(['Timed OUT', 'fine', '\u001B[31mtimed\u001B[0m out', 'x\rtimed out'].map(line));
  const search = new LogSearch(source, ' timed out ');
  expect(search.search()).toBe(true);
  expect(search.matches).toEqual([0, 2, 3]);
});

test('it stops when its time is over and goes on where it stopped', () => {
  const source = fixedLog(Array.from({ length: 1_200 }, (_, index) => line(index % 400 === 0 ? 'hit' : 'miss')));
  const search = new LogSearch(source, 'hit');
  let now = 0;
  expect(search.search(0, () => now++)).toBe(false);
  expect(search.matches.length).toBeLessThan(3);
  expect(search.search()).toBe(true);
  expect(search.matches).toEqual([0, 400, 800]);
});

test('a line that grows into a match is found in its place, and only once', () => {
  const texts = ['a hit', 'no', 'hit'];
  let grown: number[] = [];
  const source = {
    ...fixedLog([]),
    get count() {
      return texts.length;
    },
    text: (index: number) => texts[index],
    takeGrown: () => grown,
  };
  const search = new LogSearch(source, 'hit');
  search.search();
  texts[1] = 'no hit';
  grown = [0, 1];
  search.search();
  expect(search.matches).toEqual([0, 1, 2]);
});
