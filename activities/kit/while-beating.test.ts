import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { whileBeating } from './while-beating.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** So many activities at work at once in this process for a minute. @returns how often one of them beat, on the average */
async function beatsOf(activities: number): Promise<number> {
  let beats = 0;
  const work = () => whileBeating(() => new Promise<void>((done) => setTimeout(done, 60_000)));
  const all = Array.from({ length: activities }, () => {
    const environment = new MockActivityEnvironment();
    environment.on('heartbeat', () => beats++);
    return environment.run(work);
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await Promise.all(all);
  return beats / activities;
}

test('a lone activity beats every two seconds, from its first moment to its end', async () => {
  const beats = await beatsOf(1);
  expect(beats).toBeGreaterThanOrEqual(30);
  expect(beats).toBeLessThanOrEqual(31);
  expect(vi.getTimerCount()).toBe(0);
});

test('where many are at work each beats less often, and often enough not to be thought lost', async () => {
  // 30 a second in all would be every ten seconds; a limit of 15 s allows for seven. Those that come first begin in haste.
  const beats = await beatsOf(300);
  expect(beats).toBeGreaterThan(60 / 7);
  expect(beats).toBeLessThan(10);
  // They are gone.
  expect(await beatsOf(1)).toBeGreaterThanOrEqual(30);
});

test('what fails beats no longer', async () => {
  const environment = new MockActivityEnvironment();
  const failed = environment.run(() => whileBeating(() => Promise.reject(new Error('no'))));
  await expect(failed).rejects.toThrow('no');
  expect(vi.getTimerCount()).toBe(0);
});
