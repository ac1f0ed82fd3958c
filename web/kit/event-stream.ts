import { frameReader } from '#contracts/events/frame-reader.ts';
import { clock } from './clock.ts';
import { isRecord, textOrNull } from './shape.ts';

/** What the stream carries: the same fields as a run's events. */
export interface StreamEvent {
  cursor: string;
  type: string;
  subject: string | null;
  run: string | null;
  data: Record<string, unknown>;
  at: string;
}

/** An event of the stream, or undefined for what is none. */
function eventOf(json: unknown, cursor: string): StreamEvent | undefined {
  if (!isRecord(json) || typeof json['type'] !== 'string') return undefined;
  const { type, data } = json;
  return {
    cursor,
    type,
    subject: textOrNull(json['subject']),
    run: textOrNull(json['run']),
    data: isRecord(data) ? data : {},
    at: textOrNull(json['at']) ?? '',
  };
}

export interface StreamState {
  status: 'connecting' | 'live' | 'lost';
  /** Since when nothing comes, by the machine's own clock. */
  lostAt: number | null;
  /** When the next try begins. */
  nextTryAt: number | null;
  /** How many events came late after the last interruption; null where there was none. */
  caughtUp: number | null;
}

const SILENCE_MS = 20_000; // the server pings every 15 s
const LOST_AFTER_MS = 3_000;
const CAUGHT_UP_SHOWN_MS = 6_000;

type Message =
  | { kind: 'event'; event: StreamEvent }
  | { kind: 'state'; state: StreamState; cursor: string | undefined; offsetNow?: number }
  | { kind: 'gone' }
  | { kind: 'who' };

/**
 * The events of one workspace, read once for all tabs of this browser: the tab that holds the lock reads, the others
 * hear it by a channel. When it closes, the next takes over from the last event that it has seen itself.
 */
export class EventStream {
  readonly #workspace: string;
  readonly #abort = new AbortController();
  readonly #channel: BroadcastChannel | undefined;
  readonly #listeners = new Set<(event: StreamEvent) => void>();
  readonly #stateListeners = new Set<() => void>();
  readonly #goneListeners = new Set<() => void>();
  readonly #seen = new Set<string>();
  #isLeader = false;
  #cursor: string | undefined;
  #state: StreamState = { status: 'connecting', lostAt: null, nextTryAt: null, caughtUp: null };
  #wake: (() => void) | undefined;
  /** Ends the connection that is open now. */
  #drop: (() => void) | undefined;

  constructor(workspace: string) {
    this.#workspace = workspace;
    this.#channel =
      typeof BroadcastChannel === 'function' ? new BroadcastChannel(`windlass-events-${workspace}`) : undefined;
  }

  get state(): StreamState {
    return this.#state;
  }
  onEvent = (listener: (event: StreamEvent) => void): (() => void) => add(this.#listeners, listener);
  onState = (listener: () => void): (() => void) => add(this.#stateListeners, listener);
  /** Called when events were missed for good: load what is on screen again. */
  onGone = (listener: () => void): (() => void) => add(this.#goneListeners, listener);

  /** Begins to read or to listen. */
  start(): void {
    if (this.#channel) {
      this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
      this.#channel.postMessage({ kind: 'who' } satisfies Message);
    }
    const { signal } = this.#abort;
    // The browser knows first when the network goes: nothing is gained by waiting until the silence is noticed.
    addEventListener('offline', () => this.#onOffline(), { signal });
    addEventListener('online', () => this.tryNow(), { signal });
    const lead = async () => {
      this.#isLeader = true;
      await this.#read();
    };
    if (navigator.locks) {
      navigator.locks
        .request(`windlass-events-${this.#workspace}`, { signal: this.#abort.signal }, lead)
        .catch(() => undefined);
    } else void lead();
  }
  stop(): void {
    this.#abort.abort();
    this.#channel?.close();
    this.#wake?.();
  }
  /** Tries again now instead of when it is due. */
  tryNow(): void {
    this.#wake?.();
  }

  #onOffline(): void {
    if (!this.#isLeader) return; // the leader tells
    this.#share({ status: 'lost', lostAt: Date.now(), nextTryAt: null, caughtUp: null });
    this.#drop?.();
  }

  #hear(message: Message): void {
    if (message.kind === 'who') {
      if (this.#isLeader)
        this.#tell({ kind: 'state', state: this.#state, cursor: this.#cursor, offsetNow: clock.read() });
    } else if (this.#isLeader) {
      return; // a leader reads for itself
    } else if (message.kind === 'event') this.#take(message.event);
    else if (message.kind === 'gone') for (const listener of this.#goneListeners) listener();
    else {
      this.#cursor ??= message.cursor;
      if (message.offsetNow !== undefined) clock.set(message.offsetNow);
      this.#setState(message.state);
    }
  }
  #tell(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #take(event: StreamEvent): void {
    if (event.cursor) {
      if (this.#seen.has(event.cursor)) return;
      this.#seen.add(event.cursor);
      if (this.#seen.size > 2_000) this.#seen.delete(this.#seen.values().next().value ?? '');
      this.#cursor = event.cursor;
    }
    for (const listener of this.#listeners) listener(event);
  }
  #setState(state: StreamState): void {
    this.#state = state;
    if (state.status === 'lost') clock.freeze();
    else if (state.status === 'live') clock.thaw();
    for (const listener of this.#stateListeners) listener();
  }
  #share(state: StreamState): void {
    this.#setState(state);
    this.#tell({ kind: 'state', state, cursor: this.#cursor });
  }

  async #read(): Promise<void> {
    let failures = 0;
    let brokenAt: number | null = null;
    while (!this.#abort.signal.aborted) {
      const timer = brokenAt === null ? undefined : this.#sayLost(brokenAt);
      const openedWell = await this.#readOnce(brokenAt !== null).catch(() => false);
      clearTimeout(timer);
      if (this.#abort.signal.aborted) return;
      if (openedWell) {
        failures = 0;
        brokenAt = null;
      }
      brokenAt ??= Date.now();
      failures += 1;
      const waitMs = Math.min(10_000, 250 * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
      const lost = this.#state.status === 'lost' || Date.now() - brokenAt >= LOST_AFTER_MS;
      if (lost) this.#share({ status: 'lost', lostAt: brokenAt, nextTryAt: Date.now() + waitMs, caughtUp: null });
      const lateTimer = lost ? undefined : this.#sayLost(brokenAt, Date.now() + waitMs);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, waitMs);
      });
      clearTimeout(lateTimer);
    }
  }
  #sayLost(since: number, nextTryAt: number | null = null): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => this.#share({ status: 'lost', lostAt: since, nextTryAt, caughtUp: null }),
      Math.max(0, since + LOST_AFTER_MS - Date.now()),
    );
  }

  /** One connection; answers whether it had opened before it ended. */
  async #readOnce(wasBroken: boolean): Promise<boolean> {
    const silence = new AbortController();
    this.#drop = () => silence.abort();
    const signal = AbortSignal.any([this.#abort.signal, silence.signal]);
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (this.#cursor) headers['Last-Event-ID'] = this.#cursor;
    const response = await fetch(`/api/v1/events?workspace=${encodeURIComponent(this.#workspace)}`, {
      headers,
      signal,
      credentials: 'same-origin',
    });
    if (response.status === 410) {
      this.#cursor = undefined;
      this.#tell({ kind: 'gone' });
      for (const listener of this.#goneListeners) listener();
      return false;
    }
    if (!response.ok || !response.body) return false;
    let isOpen = false;
    const wasLost = wasBroken && this.#state.status === 'lost';
    const read = frameReader((frame) => {
      if (frame.event === 'hello') {
        isOpen = true;
        const hello = safeJson(frame.data);
        const facts = isRecord(hello) ? hello : {};
        const now = Date.parse(textOrNull(facts['now']) ?? '');
        if (Number.isFinite(now)) clock.set(now);
        this.#cursor ??= textOrNull(facts['cursor']) ?? frame.id;
        // `caughtUp`: how many missed events follow.
        const caughtUp = wasLost ? Number(facts['caughtUp'] ?? 0) : null;
        this.#share({ status: 'live', lostAt: null, nextTryAt: null, caughtUp });
        if (caughtUp !== null)
          setTimeout(
            () => this.#state.caughtUp === caughtUp && this.#share({ ...this.#state, caughtUp: null }),
            CAUGHT_UP_SHOWN_MS,
          );
        this.#tell({ kind: 'state', state: this.#state, cursor: this.#cursor, offsetNow: clock.read() });
        return;
      }
      if (frame.event === 'ping' || !frame.data) return;
      const event = eventOf(safeJson(frame.data), frame.id ?? '');
      if (!event) return;
      this.#take(event);
      this.#tell({ kind: 'event', event });
    });
    let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return isOpen;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
        read(value);
      }
    } catch {
      return isOpen;
    } finally {
      clearTimeout(watchdog);
    }
  }
}

const add = <T>(set: Set<T>, item: T): (() => void) => {
  set.add(item);
  return () => void set.delete(item);
};
const safeJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
