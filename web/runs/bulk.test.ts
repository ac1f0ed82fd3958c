import { expect, test } from 'vitest';
import { ApiFailure } from '../kit/failure.ts';
import { actOnMany } from './bulk.ts';

const ids = Array.from({ length: 250 }, (_, index) => `run-${index}`);
const good = async (some: string[]) => ({ results: some.map((id) => ({ id, ok: true })) });

test('many go in requests of a hundred, and how far it is told after each', async () => {
  const sizes: number[] = [];
  const told: number[] = [];
  const outcome = await actOnMany(
    ids,
    (some) => (sizes.push(some.length), good(some)),
    (done) => told.push(done),
  );
  expect([sizes, told]).toEqual([
    [100, 100, 50],
    [100, 200, 250],
  ]);
  expect([outcome.done.length, outcome.failed, outcome.left]).toEqual([250, [], []]);
});

test('a request that fails as a whole is told for its runs alone', async () => {
  let calls = 0;
  const outcome = await actOnMany(
    ids,
    (some) =>
      (calls += 1) === 2
        ? Promise.reject(new ApiFailure({ code: 'server.busy', message: 'Busy.', status: 503 }))
        : good(some),
    () => undefined,
  );
  expect(outcome.done.length).toBe(150);
  expect(outcome.failed.map(({ id }) => id)).toEqual(ids.slice(100, 200));
  expect(outcome.failed[0]?.error).toEqual({ code: 'server.busy', message: 'Busy.' });
});

test('what is stopped says what is left', async () => {
  const stop = new AbortController();
  const outcome = await actOnMany(ids, good, () => stop.abort(), stop.signal);
  expect([outcome.done.length, outcome.left.length]).toEqual([100, 150]);
});
