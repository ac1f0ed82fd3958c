/**
 * How the engine waits. Its parts are generators instead of async functions, for three reasons: steps that need nothing
 * from outside run in one go without a single microtask; what happens at one instant happens in document order, not in
 * the order in which promises happen to settle; and a virtual clock can drive it without knowing when "all is quiet".
 */
export type Fiber<T> = Generator<Suspension, T, unknown>;

/** What a fiber yields: it is called with `resume`, which is to be called once, then or later, with how to go on. */
export type Suspension = (resume: (next: Next) => void) => void;
type Next = { readonly value: unknown } | { readonly thrown: unknown };

/** A position in the tree of forks; children by index. Decides who goes first at one instant. */
export type Position = readonly number[];

interface Task {
  readonly position: Position;
  readonly step: () => void;
}

/** Lesser first, and children before the parent that waits for them. */
export function comparePositions(a: Position, b: Position): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return b.length - a.length;
}

export interface SchedulerHooks {
  /** Runs the work at once, in the surroundings in which fibers are to call the outside. */
  readonly enter: (work: () => void) => void;
  /** Called when nothing can go on without the outside; the place to flush a journal. */
  readonly onIdle: () => void;
  /** A fiber threw what nobody caught: a mistake in the engine, or of the adapter. */
  readonly onCrash: (error: unknown) => void;
}

/** Runs fibers one at a time, each until it must wait. */
export class Scheduler {
  readonly #ready: Task[] = [];
  readonly #hooks: SchedulerHooks;
  #held = 0;
  #outstanding = 0;

  /** Fibers that wait for the outside. At none, when all is idle, the engine is at rest. */
  get outstanding(): number {
    return this.#outstanding;
  }

  constructor(hooks: SchedulerHooks) {
    this.#hooks = hooks;
  }

  /** Starts a fiber; it first runs when its turn comes. `done` gets its result. */
  spawn<T>(position: Position, fiber: Fiber<T>, done: (result: T) => void): void {
    const advance = (next: Next): void => {
      let turn: IteratorResult<Suspension, T>;
      try {
        turn = 'thrown' in next ? fiber.throw(next.thrown) : fiber.next(next.value);
      } catch (error) {
        this.#hooks.onCrash(error);
        return;
      }
      if (turn.done === true) {
        done(turn.value);
        return;
      }
      let isResumed = false;
      const isOutside = outsideWaits.has(turn.value);
      if (isOutside) this.#outstanding += 1;
      turn.value((then) => {
        if (isResumed) return;
        isResumed = true;
        if (isOutside) this.#outstanding -= 1;
        this.#push({ position, step: () => advance(then) });
      });
    };
    this.#push({ position, step: () => advance({ value: undefined }) });
  }

  /** Runs `work` and lets what it resumed go on only afterwards, in document order: everything in it is one instant. */
  batch(work: () => void): void {
    this.#held += 1;
    try {
      work();
    } finally {
      this.#held -= 1;
    }
    this.#drain();
  }

  #push(task: Task): void {
    this.#ready.push(task);
    this.#drain();
  }

  #drain(): void {
    if (this.#held > 0 || this.#ready.length === 0) return;
    this.#hooks.enter(() => {
      this.#held += 1;
      try {
        for (;;) {
          const task = this.#takeFirst();
          if (!task) break;
          task.step();
        }
      } finally {
        this.#held -= 1;
      }
      this.#hooks.onIdle();
    });
  }

  #takeFirst(): Task | undefined {
    let first = 0;
    for (let at = 1; at < this.#ready.length; at++) {
      const [a, b] = [this.#ready[at], this.#ready[first]];
      if (a && b && comparePositions(a.position, b.position) < 0) first = at;
    }
    return this.#ready.splice(first, 1)[0];
  }
}

/** Waits for what the outside gives. A plain value, or a thenable that settles at once, costs no wait. */
export function* outside<T>(given: T | PromiseLike<T>): Fiber<T> {
  if (!isThenable(given)) return given;
  const wait: Suspension = (resume) => {
    given.then(
      (value) => resume({ value }),
      (thrown: unknown) => resume({ thrown }),
    );
  };
  outsideWaits.add(wait);
  return (yield wait) as T;
}

/** Tells waits for the outside from waits for other fibers. */
const outsideWaits = new WeakSet<Suspension>();

export const isThenable = (given: unknown): given is PromiseLike<unknown> =>
  typeof given === 'object' && given !== null && typeof (given as { then?: unknown }).then === 'function';

/** Runs fibers side by side, in order, and gives all results when the last has ended. */
export function* together<T>(
  scheduler: Scheduler,
  position: Position,
  fibers: readonly ((at: Position) => Fiber<T>)[],
): Fiber<T[]> {
  if (fibers.length === 0) return [];
  const results = new Map<number, T>();
  yield (resume) => {
    scheduler.batch(() => {
      for (const [index, make] of fibers.entries()) {
        const at = [...position, index];
        scheduler.spawn(at, make(at), (result) => {
          results.set(index, result);
          if (results.size === fibers.length) resume({ value: undefined });
        });
      }
    });
  };
  return fibers.map((_, index) => results.get(index) as T);
}

/** A place to wait for "something has changed"; a call before the wait is not lost. */
export class Bell {
  #hasRung = false;
  #resume: ((next: Next) => void) | null = null;

  ring(): void {
    const resume = this.#resume;
    this.#resume = null;
    if (resume) resume({ value: undefined });
    else this.#hasRung = true;
  }

  *heard(): Fiber<void> {
    if (!this.#hasRung) yield (resume) => void (this.#resume = resume);
    this.#hasRung = false;
  }
}
