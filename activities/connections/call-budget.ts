import { randomUUID } from 'node:crypto';
import type { CallSlot } from '#connectors/engines/material.ts';
import { type CallLimits, holdMs, takeCalls } from '#db/connections/call-budget.ts';
import type { TenantTx } from '#db/kit/database.ts';
import type { Log } from '#system/log.ts';
import { QuickestAnswers } from './quickest-answers.ts';

type InTenant = <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
interface BudgetOf {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly unit: string;
}

/** How long places are kept for the next call before they go back. */
const idleMs = 1_000;
/** Where another process holds all places: how soon they are asked for again. */
const askAgainMs = 150;
/** Clocks of two machines count milliseconds differently. */
const slackMs = 5;
/** So much later than it was begun, at most, is a call thought to have reached the service: the rest was its own work. */
const mostLateMs = 500;
/** More moments are asked for when what is left is so near: what comes late leaves a gap that nothing fills. */
const aheadMs = 400;
/** A moment that nobody took is another process's by then. */
const staleMs = 1_000;
/** Figures are written this often where nothing else has to be. */
const tellMs = 5_000;

/**
 * This process's share of the budgets of calls. What all processes may do together stands in one row of the database;
 * a process takes places and moments from it by handfuls, and gives back what it does not use.
 */
export class CallBudgets {
  readonly #inTenant: InTenant;
  readonly #log: Log;
  readonly #holder = randomUUID();
  readonly #shares = new Map<string, Share>();

  constructor({ inTenant, log }: { inTenant: InTenant; log: Log }) {
    this.#inTenant = inTenant;
    this.#log = log;
  }

  /** The slot of one connection and unit. `limits` as they stand now: a change is taken up by the next call. */
  slotOf(of: BudgetOf, limits: CallLimits): CallSlot {
    const key = `${of.connectionId}/${of.unit}`;
    let share = this.#shares.get(key);
    if (!share) {
      const { workspaceId } = of;
      share = new Share({
        take: (asked, wanted) =>
          this.#inTenant(workspaceId, (tx) => takeCalls(tx, of, asked, { ...wanted, holder: this.#holder })),
        log: this.#log,
        onIdle: () => this.#shares.delete(key),
      });
      this.#shares.set(key, share);
    }
    share.limits = limits;
    const mine = share;
    return (work, kind = '') => mine.run(work, kind);
  }

  /** Gives all places back. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#shares.values()].map((share) => share.close()));
    this.#shares.clear();
  }
}

type Wanted = Omit<Parameters<typeof takeCalls>[3], 'holder'>;
interface ShareOptions {
  take: (limits: CallLimits, wanted: Wanted) => ReturnType<typeof takeCalls>;
  log: Log;
  onIdle: () => void;
}

/** A call that was let go, and when it is thought to have reached the service. */
interface Begun {
  at: number;
}

/** What this process holds of one budget. */
class Share {
  limits: CallLimits = { parallel: null, perSecond: null };
  readonly #options: ShareOptions;
  readonly #waiting: ((begun: Begun) => void)[] = [];
  /** Moments at which calls may be made, of this process's clock. */
  #moments: number[] = [];
  /** The last calls, as many as may be in a second. */
  #begun: Begun[] = [];
  readonly #quickest = new QuickestAnswers();
  #places = 0;
  #heldUntil = 0;
  #open = 0;
  #made = 0;
  #throttled = 0;
  #pauseUntil = 0;
  #asking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ShareOptions) {
    this.#options = options;
  }

  async run<T>(work: () => Promise<T>, kind: string): Promise<T> {
    let begun: Begun | undefined;
    if (this.limits.parallel !== null || this.limits.perSecond !== null) {
      begun = await new Promise<Begun>((go) => {
        this.#waiting.push(go);
        this.#pump();
      });
    } else this.#open++;
    this.#made++;
    try {
      const done = await work();
      this.#notice(done);
      if (begun) this.#place(begun, kind);
      return done;
    } finally {
      this.#open--;
      this.#pump();
    }
  }

  /** An answer 429 holds all calls of the connection back, in every process, for as long as the service asks. */
  #notice(answer: unknown): void {
    if (typeof answer !== 'object' || answer === null || !('status' in answer) || answer.status !== 429) return;
    this.#throttled++;
    const asked = 'retryAfterMs' in answer && typeof answer.retryAfterMs === 'number' ? answer.retryAfterMs : 1_000;
    this.#pauseUntil = Math.max(this.#pauseUntil, Date.now() + asked);
    this.#moments = [];
  }

  /** An answer that took longer than it need may be of a call that reached the service late: those behind it keep away. */
  #place(begun: Begun, kind: string): void {
    const now = Date.now();
    const leastMs = this.#quickest.note(kind, now - begun.at);
    begun.at = Math.max(begun.at, Math.min(now - leastMs, begun.at + mostLateMs));
  }

  #pump(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = Date.now();
    const { parallel, perSecond } = this.limits;
    while ((this.#moments[0] ?? now) < now - staleMs) this.#moments.shift();
    const hasPlaces = () => parallel === null || (this.#open < this.#places && now < this.#heldUntil);
    while (this.#waiting.length > 0 && hasPlaces() && now >= this.#pauseUntil) {
      if (perSecond !== null) {
        const [moment] = this.#moments;
        if (moment === undefined || moment > now || now < this.#fullUntil(perSecond)) break;
        this.#moments.shift();
      }
      const begun = { at: now };
      if (perSecond !== null) this.#begun = [...this.#begun, begun].slice(-perSecond);
      this.#open++;
      this.#waiting.shift()?.(begun);
    }
    if (this.#isClosed) return;
    if (this.#waiting.length > 0) {
      const lacksPlaces = parallel !== null && (this.#places < Math.min(parallel, this.#open + this.#waiting.length) || now >= this.#heldUntil - 1_000); // prettier-ignore
      const ahead = perSecond === null ? 0 : Math.max(2, Math.ceil((perSecond * aheadMs) / 1_000));
      const lacksMoments = this.#moments.length < Math.min(this.#demand(now), ahead);
      if (lacksPlaces || lacksMoments) this.#ask();
      const fullUntil = perSecond === null ? 0 : this.#fullUntil(perSecond);
      const next = Math.max(this.#pauseUntil, fullUntil, this.#moments[0] ?? now + askAgainMs);
      this.#wake(Math.max(1, Math.min(next - now, askAgainMs * 4)));
    } else if (this.#open === 0) this.#wake(idleMs);
    else this.#wake(tellMs);
  }

  /** Calls of the next second: those that wait, or as many as the last one had. Asked for one by one each would cost a transaction. */
  #demand(now: number): number {
    return Math.max(this.#waiting.length, this.#begun.filter(({ at }) => at > now - 1_000).length);
  }

  /** Until when the second that ends now holds as many calls as it may. */
  #fullUntil(perSecond: number): number {
    return this.#begun.length < perSecond ? 0 : (this.#begun.at(-perSecond)?.at ?? 0) + 1_000 + slackMs;
  }

  #wake(ms: number): void {
    this.#timer = setTimeout(() => {
      if (this.#waiting.length === 0 && !this.#asking) {
        // Idle: what is held goes back, and what was counted is written. While calls are open their places are kept.
        if (this.#open > 0 || this.#places > 0 || this.#made > 0) this.#ask();
        else return this.#options.onIdle();
      }
      this.#pump();
    }, ms).unref();
  }

  #ask(): void {
    this.#asking ??= this.#take().finally(() => {
      this.#asking = null;
      if (this.#waiting.length > 0) this.#pump();
    });
  }

  async #take(): Promise<void> {
    const [made, throttled] = [this.#made, this.#throttled];
    const asked = this.limits;
    const calls = asked.perSecond === null ? 0 : Math.max(0, this.#demand(Date.now()) - this.#moments.length);
    const sentAt = Date.now();
    try {
      const granted = await this.#options.take(asked, {
        places: asked.parallel === null ? 0 : Math.min(asked.parallel, this.#open + this.#waiting.length),
        calls,
        made,
        throttled,
        pauseMs: Math.max(0, this.#pauseUntil - sentAt),
      });
      this.#made -= made;
      this.#throttled -= throttled;
      this.#places = granted.places;
      this.#heldUntil = sentAt + holdMs;
      const first = Date.now() + granted.startInMs;
      for (let i = 0; i < granted.calls; i++) this.#moments.push(first + i * granted.spaceMs);
    } catch (error) {
      // The database is away: nothing is granted until it is back.
      this.#options.log.debug({ err: error }, 'the budget of calls could not be read');
      await new Promise((resolve) => setTimeout(resolve, 500).unref());
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#places === 0 && this.#made === 0) return;
    await this.#options
      .take(this.limits, { places: 0, calls: 0, made: this.#made, throttled: this.#throttled, pauseMs: 0 })
      .catch(() => undefined);
  }
}
