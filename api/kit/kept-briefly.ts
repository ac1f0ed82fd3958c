import type { Clock } from '#system/clock.ts';

/**
 * Answers kept for a few seconds, of bounded number: the least recently used goes first. Callers that ask for the same
 * at once share one look-up. What was forgotten meanwhile by `drop` is not put back by a look-up that began before.
 */
export class KeptBriefly<T> {
  readonly #entries = new Map<string, { answer: Promise<T>; until: number }>();
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #most: number;

  constructor({ clock, ms, most }: { clock: Clock; ms: number; most: number }) {
    this.#clock = clock;
    this.#ms = ms;
    this.#most = most;
  }

  get(key: string, look: () => Promise<T>): Promise<T> {
    const kept = this.#entries.get(key);
    if (kept && kept.until > this.#clock.now()) {
      this.#entries.delete(key); // to the end of the line: used last
      this.#entries.set(key, kept);
      return kept.answer;
    }
    const entry = { answer: look(), until: this.#clock.now() + this.#ms };
    // A look-up that failed, or found nothing worth keeping, is asked again.
    const forget = (): void => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    entry.answer.then((answer) => answer === undefined && forget(), forget);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
    }
    return entry.answer;
  }

  drop(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets all: cheaper than to search where something rare has changed. */
  clear(): void {
    this.#entries.clear();
  }
}
