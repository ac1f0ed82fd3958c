import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

/** Work that ends when told to. */
function openWork(log: string[], name: string) {
  const done = Promise.withResolvers<void>();
  return { end: done.resolve, run: async () => (log.push(name), await done.promise, name) };
}

test('so many work at once, the next goes in order when one has ended, also by a failure', async () => {
  const inTurn = createTurns({ atOnce: 2, mostWaiting: 10 });
  const log: string[] = [];
  const [a, b, c] = [openWork(log, 'a'), openWork(log, 'b'), openWork(log, 'c')];
  const failed = inTurn(async () => {
    await a.run();
    throw new Error('no');
  }).catch((error: Error) => error.message);
  const others = [inTurn(b.run), inTurn(c.run), inTurn(async () => void log.push('d'))];
  expect(log).toEqual(['a', 'b']);
  a.end();
  expect(await failed).toBe('no');
  expect(log).toEqual(['a', 'b', 'c']);
  b.end();
  c.end();
  await Promise.all(others);
  expect(log).toEqual(['a', 'b', 'c', 'd']);
});

test('who comes when too many wait, and who has waited too long, is told when to come again', async () => {
  const inTurn = createTurns({ atOnce: 1, mostWaiting: 1, longestWaitMs: 5 });
  const log: string[] = [];
  const first = openWork(log, 'first');
  const working = inTurn(first.run);
  const waiting = inTurn(async () => log.push('never'));
  await expect(inTurn(async () => log.push('never'))).rejects.toMatchObject({ code: 'server.busy', retryAfter: 2 });
  await expect(waiting).rejects.toMatchObject({ code: 'server.busy' });
  first.end();
  expect(await working).toBe('first');
  await inTurn(async () => log.push('last'));
  expect(log).toEqual(['first', 'last']);
});
