import { expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { ServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { untilTaken } from './until-taken.ts';

const putAside = () => Object.assign(new ServiceError('workflow update was aborted'), { code: 14 });

test('what the service has put aside is asked again, and its answer is given', async () => {
  const asked: number[] = [];
  const answer = await untilTaken(async () => {
    asked.push(1);
    if (asked.length < 3) throw asked.length === 1 ? putAside() : new Error('failed', { cause: putAside() });
    return 'done';
  });
  expect([answer, asked.length]).toEqual(['done', 3]);
});

test('a service that stays busy is told as that', async () => {
  let asked = 0;
  const asking = untilTaken(() => {
    asked += 1;
    return Promise.reject(putAside());
  }, 250);
  await expect(asking).rejects.toMatchObject({ code: 'server.busy', facts: { retryAfter: 5 } });
  expect(asked).toBeGreaterThan(1);
});

test('a refusal is told at once', async () => {
  let asked = 0;
  const refusal = new WorkflowUpdateFailedError('no', ApplicationFailure.nonRetryable('no', 'incident.move_refused'));
  await expect(
    untilTaken(() => {
      asked += 1;
      return Promise.reject(refusal);
    }),
  ).rejects.toBe(refusal);
  expect(asked).toBe(1);
});
