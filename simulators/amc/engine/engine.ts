import { Worker } from 'node:worker_threads';
import type { OutputFormat } from './csv.ts';
import type { WorldSize } from './events.ts';
import type { PrivacyPlan } from './privacy.ts';

export interface EngineTask {
  readonly id: number;
  /** In the embedded database's words. */
  readonly sql: string;
  /** The instance's tables that it reads. */
  readonly tables: readonly string[];
  readonly privacy: PrivacyPlan;
  /** Which of the columns are true or false. */
  readonly booleans: readonly boolean[];
  readonly format: OutputFormat;
  readonly rowsPerPart: number;
  /** For audiences: how many different people there are in all. */
  readonly countsPeople: boolean;
}
export type EngineAnswer =
  | {
      readonly id: number;
      readonly ok: true;
      readonly parts: readonly Uint8Array[];
      readonly rows: number;
      readonly removedRows: number;
      readonly people: number;
    }
  | { readonly id: number; readonly ok: false; readonly message: string };

/** The embedded database behind a simulator. Its thread starts with the first query. */
export class Engine {
  readonly #size: WorldSize;
  #worker: Worker | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, (answer: EngineAnswer) => void>();
  constructor(size: WorldSize) {
    this.#size = size;
  }

  /** Runs one after the other. Fails by its answer, never by throwing. */
  run(task: Omit<EngineTask, 'id'>): Promise<EngineAnswer> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      const thread = this.#thread();
      thread.ref();
      thread.postMessage({ ...task, id });
    });
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('worker.ts', import.meta.url), {
      workerData: this.#size,
      execArgv: ['--no-warnings'],
    });
    worker.on('message', (answer: EngineAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
      // An idle thread does not keep the process alive.
      if (this.#waiting.size === 0) worker.unref();
    });
    worker.on('error', (error) => {
      for (const [id, resolve] of this.#waiting) resolve({ id, ok: false, message: error.message });
      this.#waiting.clear();
      this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
    for (const [id, resolve] of this.#waiting) resolve({ id, ok: false, message: 'The simulator stopped.' });
    this.#waiting.clear();
  }
}
