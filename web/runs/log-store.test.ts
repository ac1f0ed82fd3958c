import { expect, test } from 'vitest';
import type { LogChunk } from '#contracts/runs/runs.ts';
import { LogStore } from './log-store.ts';

const chunk = (text: string, changes: Partial<LogChunk> = {}): LogChunk => ({
  cursor: `c${text.length}`,
  address: 'copy',
  host: 'web-1',
  stream: 'stdout',
  attempt: 1,
  fromByte: 0,
  text,
  at: '2026-11-20T14:00:00Z',
  ...changes,
});
const texts = (store: LogStore) => Array.from({ length: store.count }, (_, index) => store.text(index));

test('a line that is cut between chunks goes on where it began, whatever came from other hosts meanwhile', () => {
  const store = new LogStore();
  store.append([chunk('one\ntw'), chunk('other\n', { host: 'web-2' }), chunk('o\nthree\n')]);
  expect(texts(store)).toEqual(['one', 'two', 'other', 'three']);
  expect(store.line(2)).toMatchObject({ number: 3, host: 'web-2' });
});

test('another stream, attempt or step begins lines of its own', () => {
  const store = new LogStore();
  store.append([
    chunk('a'),
    chunk('b', { stream: 'stderr' }),
    chunk('c', { attempt: 2 }),
    chunk('d', { address: 'x' }),
  ]);
  expect(texts(store)).toEqual(['a', 'b', 'c', 'd']);
});

test('a line that goes on is told once, so that a search looks at it again', () => {
  const store = new LogStore();
  store.append([chunk('one\ntwo\nthr')]);
  expect(store.takeGrown()).toEqual([]);
  store.append([chunk('ee\nfour\n')]);
  expect([store.takeGrown(), store.takeGrown()]).toEqual([[2], []]);
});

test('numbers hold over blocks, and of a log that is too long the first lines go', () => {
  const store = new LogStore(4_000);
  for (let from = 0; from < 10_000; from += 500)
    store.append([chunk(Array.from({ length: 500 }, (_, index) => `line ${from + index + 1}\n`).join(''))]);
  expect([store.count, store.dropped]).toEqual([10_000, 4_000]);
  expect(store.line(3_999)).toBeUndefined();
  expect(store.line(4_000)).toMatchObject({ number: 4_001, text: 'line 4001' });
  expect(store.line(9_999)).toMatchObject({ number: 10_000, text: 'line 10000' });
  expect(store.cursor).toBeDefined();
});
