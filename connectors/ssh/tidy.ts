import type { SshTarget } from './connect.ts';
import { endCommands, type MarkerOptions } from './durable.ts';
import type { SshPool } from './pool.ts';

interface Heap {
  target: SshTarget;
  options: MarkerOptions;
  keys: string[];
  timer: NodeJS.Timeout;
}

/**
 * Removes the output of ended commands from their hosts, later and many at once: a channel of its own for each would take a third
 * of what the command took. Give a key only after its result is recorded. What is lost with this process the sweep finds.
 */
export class MarkerTidy {
  readonly #pool: SshPool;
  readonly #delayMs: number;
  readonly #heaps = new Map<string, Heap>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(pool: SshPool, delayMs = 20_000) {
    this.#pool = pool;
    this.#delayMs = delayMs;
  }

  /** Keys that wait. */
  get size(): number {
    return [...this.#heaps.values()].reduce((sum, { keys }) => sum + keys.length, 0);
  }

  add(target: SshTarget, key: string, options: MarkerOptions = {}): void {
    const { host, port, login, scope } = target;
    const name = JSON.stringify([
      host,
      port,
      login.username,
      scope ?? '',
      options.sudo?.user ?? '',
      target.jump?.host ?? '',
    ]);
    let heap = this.#heaps.get(name);
    if (!heap) {
      const timer = setTimeout(() => void this.#flush(name), this.#delayMs).unref();
      this.#heaps.set(name, (heap = { target, options, keys: [], timer }));
    }
    Object.assign(heap, { target, options }); // the newest login and key of the host
    heap.keys.push(key);
    if (heap.keys.length >= 100) void this.#flush(name);
  }

  /** Does what waits, now. A host that cannot be reached is left to the sweep. */
  async close(): Promise<void> {
    await Promise.all([...[...this.#heaps.keys()].map((name) => this.#flush(name)), ...this.#running]);
  }

  async #flush(name: string): Promise<void> {
    const heap = this.#heaps.get(name);
    if (!heap) return;
    clearTimeout(heap.timer);
    this.#heaps.delete(name);
    const work = endCommands(this.#pool, heap.target, heap.keys, heap.options).catch(() => undefined);
    this.#running.add(work);
    await work;
    this.#running.delete(work);
  }
}
