import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SqlError } from './sql/tokens.ts';

export type StoreCall =
  | { op: 'exec' | 'prepare'; sql: string }
  | { op: 'all'; sql: string; values: unknown[] }
  | { op: 'insert'; into: string; columns: string[]; rows: unknown[][] }
  | {
      op: 'run';
      select: string;
      into: string;
      columns: { name: string; sql: string }[];
      keys: string[];
      mode: 'overwrite' | 'append' | 'update';
      /** Writes only this share of the rows: a failure on the way. */
      share?: number | undefined;
    };
export interface StoreReply {
  id: number;
  value?: unknown;
  error?: string;
}

/** The embedded database of one simulator, in a thread, on a temporary file that goes with it. */
export class Store {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sfmc-simulator-'));
  readonly #clock = new SharedArrayBuffer(8);
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (reply: StoreReply) => void>();
  #last = 0;

  constructor() {
    const workerData = { file: join(this.#folder, 'rows.db'), clock: this.#clock };
    this.#worker = new Worker(new URL('store-worker.ts', import.meta.url), { workerData, stderr: true });
    this.#worker.on('message', (reply: StoreReply) => {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    this.#worker.on('error', (error) => {
      for (const [id, settle] of this.#waiting) settle({ id, error: error.message });
      this.#waiting.clear();
    });
  }

  /** @throws SqlError in the service's words */
  async ask<T = unknown>(call: StoreCall): Promise<T> {
    const id = ++this.#last;
    const reply = await new Promise<StoreReply>((settle) => {
      this.#waiting.set(id, settle);
      this.#worker.postMessage({ id, call });
    });
    if (reply.error !== undefined) throw new SqlError(inServiceWords(reply.error));
    return reply.value as T;
  }

  /** Moves the clock of GETDATE. */
  moveClock(offsetMs: number): void {
    Atomics.store(new BigInt64Array(this.#clock), 0, BigInt(offsetMs));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const words: readonly [RegExp, (found: RegExpExecArray) => string][] = [
  [/no such column: "?([^"]+)"?/, ([, name]) => `Invalid column name '${name}'.`],
  [/no such table: "?([^"]+)"?/, ([, name]) => `Invalid object name '${name}'.`],
  [/ambiguous column name: "?([^"]+)"?/, ([, name]) => `Ambiguous column name '${name}'.`],
  [/near "([^"]*)": syntax error/, ([, near]) => `Incorrect syntax near '${near}'.`],
  [/CHECK constraint failed: length:/, () => 'String or binary data would be truncated.'],
  [/CHECK constraint failed: number:/, () => 'Error converting data type varchar to int.'],
  [/CHECK constraint failed: range:/, () => 'Arithmetic overflow error converting expression to data type int.'],
  [/CHECK constraint failed: decimal:/, () => 'Error converting data type varchar to numeric.'],
  [
    /NOT NULL constraint failed: [^.]+\.(.+)/,
    ([, name]) =>
      `Cannot insert the value NULL into column '${name}', table; column does not allow nulls. INSERT fails.`,
  ],
  [/UNIQUE constraint failed/, () => 'Violation of PRIMARY KEY constraint. Cannot insert duplicate key in object.'],
];

function inServiceWords(message: string): string {
  for (const [rule, write] of words) {
    const found = rule.exec(message);
    if (found) return write(found);
  }
  return message;
}
