import { useSyncExternalStore } from 'react';

/**
 * One clock for every duration and countdown of the page. It shows the server's time: the stream's `hello` says how far
 * the machine's own clock is off. While the stream is gone it stands still, since nobody knows what went on meanwhile.
 */
class ServerClock {
  #offsetMs = 0;
  #frozenAt: number | undefined;
  #now = Date.now();
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** The server's time now, in milliseconds. */
  read = (): number => this.#frozenAt ?? Date.now() + this.#offsetMs;
  /** The time of the last tick: the same for everything drawn in one frame. */
  snapshot = (): number => this.#now;

  /** Takes the server's time, as the stream opens. */
  set(serverNow: number): void {
    this.#offsetMs = serverNow - Date.now();
    this.thaw();
  }
  /** What is drawn is from now on the time at which it stood still, not the tick before. */
  freeze(): void {
    this.#frozenAt ??= this.read();
    this.#tick();
  }
  thaw(): void {
    this.#frozenAt = undefined;
    this.#tick();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(this.#tick, 1_000);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  };

  #tick = (): void => {
    const next = this.read();
    if (next === this.#now) return;
    this.#now = next;
    for (const listener of this.#listeners) listener();
  };
}

export const clock = new ServerClock();

/** The server's time, drawn anew each second; pass `false` where nothing moves any more. */
export function useNow(isMoving = true): number {
  return useSyncExternalStore(isMoving ? clock.subscribe : nothingMoves, clock.snapshot, clock.snapshot);
}
const nothingMoves = () => () => undefined;
