import { makeGridEngine, type EngineAnswer, type EngineCall, type GridEngine } from './grid-engine.ts';

/** Calls the engine wherever it runs. */
export interface EngineLine {
  call: <A extends keyof GridEngine>(act: A, ...args: Parameters<GridEngine[A]>) => Promise<ReturnType<GridEngine[A]>>;
  close: () => void;
}

let shared: { line: EngineLine; users: number } | undefined;

/** One worker for all results of the tab, so that two can be compared; it ends with the last of them, and their rows with it. */
export function takeEngine(): EngineLine {
  shared ??= { line: typeof Worker === 'undefined' ? lineInPage() : lineToWorker(), users: 0 };
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

/** The engine in this very thread, for where there are no workers. */
function lineInPage(): EngineLine {
  const engine = makeGridEngine();
  return {
    call: async (act, ...args) => (engine[act] as (...given: unknown[]) => never)(...args),
    close: () => undefined,
  };
}

function lineToWorker(): EngineLine {
  const worker = new Worker(new URL('./grid.worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { resolve: (gave: never) => void; reject: (error: Error) => void }>();
  let last = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<EngineAnswer>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failed' in data) asked?.reject(new Error(data.failed));
    else asked?.resolve(data.gave as never);
  });
  // Out of memory, or its script did not come: whoever waits is told, and so is whoever asks later.
  let broken: Error | undefined;
  const breakOff = (why: string): void => {
    broken = new Error(why);
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  worker.addEventListener('error', ({ message }) => breakOff(message || 'The browser has no room for more rows.'));
  return {
    call: (act, ...args) =>
      new Promise((resolve, reject) => {
        if (broken) {
          reject(broken);
          return;
        }
        last += 1;
        waiting.set(last, { resolve, reject });
        worker.postMessage({ id: last, act, with: args } satisfies EngineCall);
      }),
    close: () => {
      breakOff('This result is no longer open.');
      worker.terminate();
    },
  };
}
