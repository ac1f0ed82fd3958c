import { expect, test } from 'vitest';
import type { HostChange } from '#db/runs/host-output.ts';
import { HostWriter } from './host-writer.ts';

const line = (text: string, fromByte: number) => ({
  stream: 'stdout' as const,
  text,
  fromByte,
  toByte: fromByte + text.length,
});
const end = {
  phase: 'ended:1',
  status: 'succeeded' as const,
  exitCode: 0,
  signal: null,
  error: null,
  truncated: false,
  facts: null,
  at: new Date(0),
};

test('what follows on itself becomes one part, and all hosts go into one write', async () => {
  const writes: HostChange[][] = [];
  const writer = new HostWriter(async (changes) => void writes.push(structuredClone(changes)));
  writer.output('a', line('one ', 0));
  writer.output('a', line('two', 4));
  writer.output('b', line('three', 0));
  await writer.ended('a', end);
  expect(writes).toHaveLength(1);
  expect(writes[0]?.map(({ host, output, ended }) => [host, output.map(({ text }) => text), ended?.status])).toEqual([
    ['a', ['one two'], 'succeeded'],
    ['b', ['three'], undefined],
  ]);
});

test('a write that fails fails everything after it: the next attempt reads on where the database is', async () => {
  const writer = new HostWriter(() => Promise.reject(new Error('the database is away')));
  writer.output('a', line('x', 0));
  await expect(writer.flush()).rejects.toThrow('away');
  await expect(writer.ended('a', end)).rejects.toThrow('away');
});

test('one write at a time, in the order in which things were said', async () => {
  const seen: string[] = [];
  let isWriting = false;
  const writer = new HostWriter(async (changes) => {
    expect(isWriting).toBe(false);
    isWriting = true;
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(...changes.flatMap(({ output }) => output.map(({ text }) => text)));
    isWriting = false;
  });
  for (const [at, text] of ['a', 'b', 'c'].entries()) {
    writer.output('h', line(text, at));
    void writer.flush();
  }
  await writer.flush();
  expect(seen.join('')).toBe('abc');
});

test('a stream that outruns the database waits for it', async () => {
  let release = (): void => {};
  const writer = new HostWriter(() => new Promise((resolve) => (release = resolve)));
  writer.output('a', line('x'.repeat(70_000), 0));
  writer.output('a', line('y'.repeat(70_000), 70_000));
  let isFree = false;
  const waiting = writer.full().then(() => (isFree = true));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isFree).toBe(false);
  release();
  await new Promise((resolve) => setTimeout(resolve, 10));
  release();
  await waiting;
  expect(isFree).toBe(true);
});
