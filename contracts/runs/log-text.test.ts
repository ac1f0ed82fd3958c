import { expect, test } from 'vitest';
import { LogText } from './log-text.ts';
import type { LogChunk } from './runs.ts';

const chunk = (text: string, more: Partial<LogChunk> = {}): LogChunk => ({
  cursor: 'c',
  address: 'step',
  host: 'web-1',
  stream: 'stdout',
  attempt: 1,
  fromByte: 0,
  text,
  at: '2026-01-01T00:00:00Z',
  ...more,
});
const told = (...chunks: LogChunk[]): string[] => {
  const log = new LogText();
  const text = chunks.map((each) => log.add(each)).join('') + log.rest();
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text.split('\n').slice(0, -1);
};
const head = '2026-01-01T00:00:00Z web-1 step   ';

test('a line is one whatever chunks it comes in, and an empty one is a line too', () => {
  expect(told(chunk('one\ntwo\n'))).toEqual([`${head}one`, `${head}two`]);
  expect(told(chunk('o'), chunk('ne'), chunk('\n'), chunk('\n'), chunk('two'))).toEqual([
    `${head}one`,
    head,
    `${head}two`,
  ]);
  expect(told(chunk(''))).toEqual([]);
});

test('hosts and streams do not run into each other', () => {
  expect(
    told(
      chunk('a'),
      chunk('X\n', { stream: 'stderr' }),
      chunk('b\n', { host: 'web-2' }),
      chunk('c\n'),
      chunk('z', { host: '' }),
    ),
  ).toEqual([
    '2026-01-01T00:00:00Z web-1 step ! X',
    '2026-01-01T00:00:00Z web-2 step   b',
    `${head}ac`,
    '2026-01-01T00:00:00Z - step   z',
  ]);
});

test('a line is told with the time of its beginning, and in parts where it has no end', () => {
  const later = { at: '2026-01-01T00:00:05Z' };
  expect(told(chunk('be'), chunk('gun\nnext\n', later))).toEqual([
    `${head}begun`,
    '2026-01-01T00:00:05Z web-1 step   next',
  ]);
  const long = 'x'.repeat(20_000);
  expect(told(chunk(long), chunk('y\n'))).toEqual([head + long, `${head}y`]);
});
