import { CancelToken } from './cancel.ts';
import type { Fiber } from './fibers.ts';

/**
 * How a run is brought to rest so that it can go on elsewhere (continue-as-new): lists stop before their next step,
 * waits for time and people are cut short, calls under way are let end. What it then is, `takeSnapshot` writes down.
 */
export class PauseControl {
  #isAsked = false;
  #held: (() => void)[] = [];
  readonly #cuttable = new Set<CancelToken>();

  get isAsked(): boolean {
    return this.#isAsked;
  }

  ask(): void {
    this.#isAsked = true;
    for (const token of this.#cuttable) token.cancel('paused');
  }

  /** Lets all go on that was held: somebody canceled the run meanwhile. */
  lift(): void {
    this.#isAsked = false;
    const held = this.#held;
    this.#held = [];
    for (const resume of held) resume();
  }

  /** Waits here while a pause is asked for. */
  *gate(): Fiber<void> {
    while (this.#isAsked) yield (resume) => void this.#held.push(() => resume({ value: undefined }));
  }

  /**
   * Does work that may be cut short and begun anew elsewhere. Cut short it never returns in this engine, unless the
   * pause is lifted: then it is begun anew here.
   */
  *cuttable<T>(cancel: CancelToken, work: (token: CancelToken) => Fiber<T>): Fiber<T> {
    for (;;) {
      yield* this.gate();
      const token = cancel.child();
      this.#cuttable.add(token);
      const result = yield* work(token);
      this.#cuttable.delete(token);
      token.release();
      if (token.reason !== 'paused') return result;
    }
  }
}
