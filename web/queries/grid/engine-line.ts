import { lineInPage, lineToWorker, type WorkerLine } from '../../kit/worker-line.ts';
import { makeGridEngine, type GridEngine } from './grid-engine.ts';

/** Calls the engine wherever it runs. */
export type EngineLine = WorkerLine<GridEngine>;

const openLine = (): EngineLine =>
  typeof Worker === 'undefined'
    ? lineInPage(makeGridEngine())
    : lineToWorker(new Worker(new URL('./grid.worker.ts', import.meta.url), { type: 'module' }), {
        lost: 'The browser has no room for more rows.',
        closed: 'This result is no longer open.',
      });

let shared: { line: EngineLine; users: number } | undefined;

/** One worker for all results of the tab, so that two can be compared; it ends with the last of them, and their rows with it. */
export function takeEngine(): EngineLine {
  shared ??= { line: openLine(), users: 0 };
  const mine = shared;
  mine.users += 1;
  return {
    call: mine.line.call,
    close: () => {
      mine.users -= 1;
      if (mine.users > 0) return;
      mine.line.close();
      if (shared === mine) shared = undefined;
    },
  };
}
