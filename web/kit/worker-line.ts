/** Functions that another thread runs. */
type Engine = Readonly<Record<string, (...args: never[]) => unknown>>;
interface Call {
  readonly id: number;
  readonly act: PropertyKey;
  readonly with: readonly unknown[];
}
type Answer = { readonly id: number; readonly gave: unknown } | { readonly id: number; readonly failed: string };

export interface WorkerLine<E extends Engine> {
  /** Rejects where the engine throws, where its thread dies, and once the line is closed. */
  readonly call: <A extends keyof E>(act: A, ...args: Parameters<E[A]>) => Promise<Awaited<ReturnType<E[A]>>>;
  readonly close: () => void;
}

/** Answers the calls that come to this worker by an engine's functions. */
export function serveEngine(engine: Engine): void {
  addEventListener('message', ({ data: { id, act, with: args } }: MessageEvent<Call>) => {
    const answer = (message: Answer): void => postMessage(message);
    const failed = (error: unknown): void =>
      answer({ id, failed: error instanceof Error ? error.message : String(error) });
    try {
      const gave = (engine[act as string] as (...given: readonly unknown[]) => unknown)(...args);
      if (gave instanceof Promise) gave.then((later: unknown) => answer({ id, gave: later }), failed);
      else answer({ id, gave });
    } catch (error) {
      failed(error);
    }
  });
}

/**
 * Calls the functions of an engine that a worker serves.
 * @param words what is said where the browser ends the worker without a word, and where the line was closed
 */
export function lineToWorker<E extends Engine>(
  worker: Worker,
  words = { lost: 'A background script of this page ended.', closed: 'This page is no longer open.' },
): WorkerLine<E> {
  const waiting = new Map<number, { resolve: (gave: never) => void; reject: (error: Error) => void }>();
  let last = 0;
  let broken: Error | undefined;
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failed' in data) asked?.reject(new Error(data.failed));
    else asked?.resolve(data.gave as never);
  });
  // Out of memory, or its script did not come: whoever waits is told, and so is whoever asks later.
  const breakOff = (why: string): void => {
    broken = new Error(why);
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  worker.addEventListener('error', ({ message }) => breakOff(message || words.lost));
  return {
    call: (act, ...args) =>
      new Promise((resolve, reject) => {
        if (broken) {
          reject(broken);
          return;
        }
        last += 1;
        waiting.set(last, { resolve, reject });
        worker.postMessage({ id: last, act, with: args } satisfies Call);
      }),
    close: () => {
      breakOff(words.closed);
      worker.terminate();
    },
  };
}

/** The engine in this very thread, for where there are no workers. */
export const lineInPage = <E extends Engine>(engine: E | Promise<E>): WorkerLine<E> => ({
  call: async (act, ...args) => (await (await engine)[act]?.(...args)) as never,
  close: () => undefined,
});
