/** What settles at once for who asks later, and calls back at once when it settles: a promise without microtasks. */
export class Later<T> implements PromiseLike<T> {
  #settled: { readonly value: T } | null = null;
  readonly #waiting: ((value: T) => void)[] = [];

  get isSettled(): boolean {
    return this.#settled !== null;
  }

  /** Only the first value counts. */
  settle(value: T): void {
    if (this.#settled) return;
    this.#settled = { value };
    for (const call of this.#waiting) call(value);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is one on purpose: it must settle synchronously
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    _onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    const next = new Later<A>();
    const call = (value: T): void => {
      const result = onValue ? onValue(value) : (value as unknown as A);
      if (result instanceof Later) result.then((inner: A) => next.settle(inner));
      else next.settle(result as A);
    };
    if (this.#settled) call(this.#settled.value);
    else this.#waiting.push(call);
    return next;
  }
}

/** At one instant what was called comes back first, then waits end, then somebody cancels: an end in time is no timeout. */
export type Rank = 'call' | 'wait' | 'cancel';
const ranks: Readonly<Record<Rank, number>> = { call: 0, wait: 1, cancel: 2 };

interface Alarm {
  readonly at: number;
  readonly rank: number;
  readonly number: number;
  readonly ring: () => void;
}

/** Time that passes only when nothing else can happen. */
export class VirtualClock {
  #now: number;
  #alarms: Alarm[] = [];
  #count = 0;
  /** Engines on this clock; what rings at one instant resumes in all of them together. */
  readonly batches: ((work: () => void) => void)[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): number {
    return this.#now;
  }

  /** Rings after so long; returns how to call it off. */
  after(ms: number, rank: Rank, ring: () => void): () => void {
    const alarm = { at: this.#now + ms, rank: ranks[rank], number: this.#count++, ring };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Lets time pass until `isOver`; `before` is called before each instant. False where nothing would ever happen again before that. */
  runUntil(isOver: () => boolean, before: () => void = () => undefined): boolean {
    for (;;) {
      if (isOver()) return true;
      before();
      if (isOver()) return true;
      const [first] = this.#alarms.toSorted((a, b) => a.at - b.at || a.rank - b.rank || a.number - b.number);
      if (!first) return false;
      const due = this.#alarms.filter((alarm) => alarm.at === first.at && alarm.rank === first.rank);
      this.#now = first.at;
      const ringAll = (): void => {
        for (const alarm of due) {
          if (!this.#alarms.includes(alarm)) continue; // called off by one that rang before it
          this.#alarms = this.#alarms.filter((other) => other !== alarm);
          alarm.ring();
        }
      };
      this.batches.reduceRight<() => void>((inner, batch) => () => batch(inner), ringAll)();
    }
  }
}
