/** Functions that another thread runs. */
type Engine = Readonly<Record<string, (...args: never[]) => unknown>>;
type Answer = { readonly id: number; readonly gave: unknown } | { readonly id: number; readonly failed: string };

export interface WorkerLine<E extends Engine> {
  /** Rejects where the engine throws, and all that waits where its thread dies. */
  readonly call: <A extends keyof E>(act: A, ...args: Parameters<E[A]>) => Promise<Awaited<ReturnType<E[A]>>>;
  readonly close: () => void;
}

/** Calls functions in a worker, which answers each message `{ id, act, with }` by `{ id, gave }` or `{ id, failed }`. */
export function lineToWorker<E extends Engine>(worker: Worker): WorkerLine<E> {
  const waiting = new Map<number, { resolve: (gave: never) => void; reject: (error: Error) => void }>();
  let last = 0;
  let broken: Error | undefined;
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failed' in data) asked?.reject(new Error(data.failed));
    else asked?.resolve(data.gave as never);
  });
  worker.addEventListener('error', ({ message }) => {
    broken = new Error(message || 'A background script of this page ended.');
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  });
  return {
    call: (act, ...args) =>
      new Promise((resolve, reject) => {
        if (broken) {
          reject(broken);
          return;
        }
        last += 1;
        waiting.set(last, { resolve, reject });
        worker.postMessage({ id: last, act, with: args });
      }),
    close: () => worker.terminate(),
  };
}

/** The engine in this very thread, for where there are no workers. */
export const lineInPage = <E extends Engine>(engine: Promise<E>): WorkerLine<E> => ({
  call: async (act, ...args) => (await (await engine)[act]?.(...args)) as never,
  close: () => undefined,
});
