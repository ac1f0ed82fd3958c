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

test('what is typed on is looked for among what was found, and in what was not looked at yet', () => {
  const texts = Array.from({ length: 1_200 }, (_, index) => (index % 400 === 0 ? 'a hit' : index % 3 ? 'hi' : 'no'));
  const looked: number[] = [];
  const source = {
    ...fixedLog([]),
    count: texts.length,
    text: (index: number) => {
      looked.push(index);
      return texts[index];
    },
  };
  const whole = new LogSearch(source, 'hi');
  whole.search();
  looked.length = 0;
  const narrowed = new LogSearch(source, 'hit', whole);
  expect(narrowed.search()).toBe(true);
  expect(narrowed.matches).toEqual([0, 400, 800]);
  expect(looked).toEqual(whole.matches);

  let now = 0;
  const half = new LogSearch(source, 'hi');
  half.search(0, () => now++);
  const other = new LogSearch(source, 'hit', half);
  now = 0;
  while (!other.search(now, () => now++)) now += 1;
  expect(other.matches).toEqual([0, 400, 800]);
  expect(new LogSearch(source, 'no', whole).search()).toBe(true);
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
