import type { CancelToken } from '../cancel.ts';
import type { LockReply, LockRequest } from '../effects.ts';
import { Later, type VirtualClock } from './clock.ts';

interface Waiting {
  readonly request: LockRequest;
  readonly later: Later<LockReply>;
}

/** Locks of one virtual workspace: first come, first served. */
export class VirtualLocks {
  readonly #clock: VirtualClock;
  readonly #held = new Map<string, string>();
  #queue: Waiting[] = [];
  #count = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  acquire(request: LockRequest, cancel: CancelToken): Later<LockReply> {
    const later = new Later<LockReply>();
    const waiting = { request, later };
    this.#queue.push(waiting);
    this.#admit();
    if (later.isSettled) return later;
    const leave = (reply: LockReply): void => {
      this.#queue = this.#queue.filter((one) => one !== waiting);
      later.settle(reply);
    };
    const callOff = this.#clock.after(request.waitMs, 'wait', () => leave({ kind: 'timed_out' }));
    const forget = cancel.onCancel(() => leave({ kind: 'canceled' }));
    later.then(() => {
      callOff();
      forget();
    });
    return later;
  }

  release(slot: string): void {
    this.#held.delete(slot);
    this.#admit();
  }

  #admit(): void {
    for (const { request, later } of this.#queue) {
      const holders = [...this.#held.values()].filter((name) => name === request.name).length;
      if (later.isSettled || holders >= request.limit) continue;
      const slot = `${request.name}#${this.#count++}`;
      this.#held.set(slot, request.name);
      later.settle({ kind: 'held', slot });
    }
    this.#queue = this.#queue.filter(({ later }) => !later.isSettled);
  }
}
