import { expect, test } from 'vitest';
import type { BulkChange } from '#contracts/servers/bulk.ts';
import { ApiFailure } from '../kit/failure.ts';
import { changeMany } from './change-many.ts';

const ids = Array.from({ length: 250 }, (_, place) => `server-${place}`);
const good = async ({ ids: some }: BulkChange) => ({
  changed: some,
  failed: [],
  undo: [{ ids: some, removeTags: ['eu'] }],
});

test('many go in requests of a hundred, and how far it is told after each; what takes it back is kept of each', async () => {
  const told: number[] = [];
  const outcome = await changeMany(ids, { addTags: ['eu'] }, good, (done) => told.push(done));
  expect(told).toEqual([100, 200, 250]);
  expect([outcome.changed.length, outcome.failed, outcome.left]).toEqual([250, [], []]);
  expect(outcome.undo.map(({ ids: some }) => some.length)).toEqual([100, 100, 50]);
});

test('a request that fails as a whole is told for each server in it, and the others go on', async () => {
  let calls = 0;
  const outcome = await changeMany(ids, { addTags: ['eu'] }, (body) => {
    calls += 1;
    if (calls === 2) throw new ApiFailure({ code: 'server.failed', message: 'It did.', status: 500 });
    return good(body);
  });
  expect([outcome.changed.length, outcome.failed.length]).toEqual([150, 100]);
  expect(outcome.failed[0]).toEqual({ id: 'server-100', name: null, error: 'server.failed', message: 'It did.' });
});

test('when it is stopped, what was not sent is left and said to be', async () => {
  const stop = new AbortController();
  const outcome = await changeMany(ids, { addTags: ['eu'] }, good, () => stop.abort(), stop.signal);
  expect([outcome.changed.length, outcome.left.length, outcome.left[0]]).toEqual([100, 150, 'server-100']);
});
