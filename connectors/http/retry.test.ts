import { expect, test } from 'vitest';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import { fullJitterMs, judgeRepeatable, type RetryOptions, withRetries } from './retry.ts';

const failing = (facts: Partial<QueryFailureFacts> = {}): QueryFailure =>
  new QueryFailure({ kind: 'provider', code: 'x', message: 'busy', hint: 'wait', retryable: true, ...facts });

/** Fails as told, then succeeds; answers the waits that were asked for. */
async function waitsFor(failures: unknown[], options: RetryOptions = {}) {
  const waits: number[] = [];
  let tries = 0;
  const result = withRetries(
    async () => {
      const next = failures[tries++];
      if (next !== undefined) throw next;
      return 'done';
    },
    { random: () => 0.5, sleep: async (ms) => void waits.push(ms), ...options },
  );
  const ended = await result.catch((error: unknown) => error);
  return { ended, waits, tries };
}

test('the wait is drawn from nothing to twice as much each time, up to the cap', () => {
  const policy = { baseMs: 1_000, capMs: 5_000 };
  expect([1, 2, 3, 4, 9].map((attempt) => fullJitterMs(attempt, policy, () => 0.999_999))).toEqual([
    999, 1_999, 3_999, 4_999, 4_999,
  ]);
  expect(fullJitterMs(9, policy, () => 0)).toBe(0);
});

test('what may succeed later is tried again until it does', async () => {
  expect(await waitsFor([failing(), failing()])).toEqual({ ended: 'done', waits: [500, 1_000], tries: 3 });
});

test('nobody comes back before the service asked for it', async () => {
  expect((await waitsFor([failing({ retryAfterMs: 7_000 })])).waits).toEqual([7_500]);
});

test('a service that asks for more patience than there is here is left to the caller', async () => {
  const busy = failing({ retryAfterMs: 31_000 });
  expect(await waitsFor([busy])).toEqual({ ended: busy, waits: [], tries: 1 });
});

test('what will not succeed, is no known failure or was tried often enough is thrown at once', async () => {
  const refused = failing({ retryable: false });
  expect(await waitsFor([refused])).toMatchObject({ ended: refused, tries: 1 });
  const bug = new TypeError('bug');
  expect(await waitsFor([bug])).toMatchObject({ ended: bug, tries: 1 });
  const policy = { attempts: 3, baseMs: 10, capMs: 10, patienceMs: 10 };
  expect(await waitsFor(Array.from({ length: 9 }, failing), { policy })).toMatchObject({ tries: 3 });
});

test('a lost answer is not asked for again, unless repeating does no harm', async () => {
  const lost = failing({ kind: 'network', mayHaveActed: true });
  expect(await waitsFor([lost])).toMatchObject({ ended: lost, tries: 1 });
  expect(await waitsFor([lost], { judge: judgeRepeatable })).toMatchObject({ ended: 'done', tries: 2 });
});

test('a wait ends as its signal says', async () => {
  const controller = new AbortController();
  const waiting = withRetries(
    async () => {
      queueMicrotask(() => controller.abort(new Error('enough')));
      throw failing({ retryAfterMs: 20_000 });
    },
    { signal: controller.signal },
  );
  await expect(waiting).rejects.toThrow('enough');
});
