import { expect, test, vi } from 'vitest';
import { keepRunning, type Running } from './keep-running.ts';

/** Something that runs until its test ends it. */
function fakeRunning(): Running & { end(reason?: string): void; isStopped: boolean } {
  let end: (reason?: string) => void = () => {};
  const gone = new Promise<string | undefined>((done) => (end = done));
  const running = {
    mark: { pid: 1, startedAt: 'x' },
    isAdopted: false,
    gone,
    end,
    isStopped: false,
    stop: async () => {
      running.isStopped = true;
      end();
    },
  };
  return running;
}

const quiet = { say: () => {}, pauseMs: 1 };

test('the first start may fail, and then nothing is kept', async () => {
  await expect(
    keepRunning('it', () => Promise.reject(new Error('no')), { ...quiet, onRestart: () => {} }),
  ).rejects.toThrow('no');
});

test('what ends by itself is started again, and how it ended is told', async () => {
  const begun = [fakeRunning(), fakeRunning()];
  const restarts: unknown[] = [];
  let next = 0;
  const keeper = await keepRunning('it', async () => begun[next++] ?? fakeRunning(), {
    ...quiet,
    onRestart: (_, restart) => restarts.push(restart),
  });
  begun[0]?.end('SIGKILL');
  await vi.waitFor(() => expect(restarts).toEqual([{ reason: 'SIGKILL', attempt: 1 }]));
  expect(keeper.current).toBe(begun[1]);
  await keeper.stop();
});

test('a later start that fails is tried again until it succeeds', async () => {
  const first = fakeRunning();
  const said: string[] = [];
  const restarts: { attempt: number }[] = [];
  let calls = 0;
  const start = async (): Promise<Running> => {
    calls++;
    if (calls === 1) return first;
    if (calls < 4) throw new Error('disk full');
    return fakeRunning();
  };
  const keeper = await keepRunning('it', start, {
    say: (line) => said.push(line),
    pauseMs: 1,
    onRestart: (_, restart) => restarts.push(restart),
  });
  first.end();
  await vi.waitFor(() => expect(restarts).toMatchObject([{ attempt: 3 }]));
  expect(said.filter((line) => line.includes('disk full'))).toHaveLength(2);
  await keeper.stop();
});

test('what is stopped stays ended, also when it is stopped between two starts', async () => {
  const first = fakeRunning();
  let calls = 0;
  const keeper = await keepRunning('it', async () => (calls++ === 0 ? first : fakeRunning()), {
    say: () => {},
    pauseMs: 60_000,
    onRestart: () => {},
  });
  first.end();
  await Promise.resolve();
  await keeper.stop();
  expect([calls, first.isStopped]).toEqual([1, true]);
});
