/**
 * Why work is told to stop. The nearest reason wins: a token never changes its mind. `paused` is none of the run's: the
 * same wait is begun anew by another engine, so nothing is withdrawn.
 */
export type CancelReason =
  | 'run_canceled'
  | 'run_timed_out'
  | 'step_timed_out'
  | 'fail_fast'
  | 'budget_spent'
  | 'paused';

/**
 * A word that work should stop, passed down as a tree. It is our own because the workflow sandbox promises no
 * `AbortController`; an adapter maps it to what it has (`token.onCancel(() => scope.cancel())`).
 */
export class CancelToken {
  #reason: CancelReason | null = null;
  readonly #listeners = new Set<(reason: CancelReason) => void>();
  #leaveParent: () => void = () => undefined;

  /** Null while nobody has asked to stop. */
  get reason(): CancelReason | null {
    return this.#reason;
  }

  get isCanceled(): boolean {
    return this.#reason !== null;
  }

  /** Asks to stop. Only the first call counts. Listeners run at once, in the order they came. */
  cancel(reason: CancelReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#leaveParent();
    for (const listener of this.#listeners) listener(reason);
    this.#listeners.clear();
  }

  /** Calls `listener` once, when asked to stop (at once where that was before). Returns how to stop listening. */
  onCancel(listener: (reason: CancelReason) => void): () => void {
    if (this.#reason !== null) {
      listener(this.#reason);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A token that stops with this one, and may stop earlier by itself. `release` it when its work has ended. */
  child(): CancelToken {
    const token = new CancelToken();
    token.#leaveParent = this.onCancel((reason) => token.cancel(reason));
    return token;
  }

  /** Lets go of the parent, so that a long run does not collect the tokens of all its ended steps. */
  release(): void {
    this.#leaveParent();
  }
}
