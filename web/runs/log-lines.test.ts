import { expect, test } from 'vitest';
import type { LogChunk } from '#contracts/runs/runs.ts';
import { addChunks, noLog } from './log-lines.ts';

let cursor = 0;
const chunk = (host: string, text: string, stream: LogChunk['stream'] = 'stdout'): LogChunk => ({
  cursor: String((cursor += 1)),
  address: 'a',
  host,
  stream,
  attempt: 1,
  fromByte: 0,
  text,
  at: '2026-11-20T14:32:00Z',
});
const texts = (chunks: LogChunk[]) => addChunks(noLog, chunks).lines.map(({ host, text }) => `${host}: ${text}`);

test('a line cut between chunks is one line, also when other hosts write in between', () => {
  expect(texts([chunk('a', 'hel'), chunk('b', 'x\n'), chunk('a', 'lo\nwor'), chunk('a', 'ld\n')])).toEqual([
    'a: hello',
    'b: x',
    'a: world',
  ]);
});

test('stdout and stderr of one host are lines of their own', () => {
  expect(texts([chunk('a', 'out'), chunk('a', 'err\n', 'stderr'), chunk('a', ' goes on\n')])).toEqual([
    'a: out goes on',
    'a: err',
  ]);
});

test('empty lines stay, and the end of a chunk at the end of a line begins none', () => {
  expect(texts([chunk('a', 'one\n\nthree\n')])).toEqual(['a: one', 'a: ', 'a: three']);
});

test('lines keep their numbers when more come', () => {
  const first = addChunks(noLog, [chunk('a', '1\n2\n')]);
  const second = addChunks(first, [chunk('a', '3\n')]);
  expect(second.lines.map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(second.lines[0]).toBe(first.lines[0]);
});
