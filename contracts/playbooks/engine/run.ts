import { parseDuration } from '../duration.ts';
import type { Json, JsonObject, UndoReason } from '../document.ts';
import { renderValue } from '../expressions/render.ts';
import { limits, timeLimits } from '../limits.ts';
import { openBook } from './book.ts';
import { type CancelReason, CancelToken } from './cancel.ts';
import type { RunEndStatus, UndoCount } from './changes.ts';
import { type Core, type EngineInput, flowScope, type Flow, jsonBytes, type ListEnd, record, warn } from './core.ts';
import type { Effects } from './effects.ts';
import { factsOf, overLimit, type StepError } from './failures.ts';
import { type Fiber, Scheduler } from './fibers.ts';
import { runList } from './flow.ts';
import { topFrame } from './frame.ts';
import { PauseControl } from './pause.ts';
import { at } from './render.ts';
import { restore, type Snapshot, takeSnapshot } from './snapshot.ts';
import type { StepState } from './state.ts';
import { undoAll } from './undo.ts';

/** How a run ended. */
export interface RunEnd {
  readonly status: RunEndStatus;
  readonly error: StepError | null;
  /** Empty unless it succeeded. */
  readonly outputs: JsonObject;
  /** Failures that did not fail the run. */
  readonly warnings: number;
  /** Null where nothing was to be undone by `undoOn`. */
  readonly undo: UndoCount | null;
}

export interface CancelOptions {
  /** Instead of what `undoOn` says. */
  readonly undo?: boolean;
  /** For the error's message. */
  readonly by?: string;
}

/** A run under way. */
export interface Engine {
  readonly result: Promise<RunEnd>;
  /** Set as soon as it has ended; a virtual clock need not wait for the promise. */
  readonly ended: RunEnd | null;
  /** A mistake in the engine or the adapter, for who does not await `result`. */
  readonly crash: unknown;
  /** Every step known so far, by address. */
  readonly states: ReadonlyMap<string, StepState>;
  /** During the steps: stops them, then undo and `finally` as the playbook says. During undo: stops that. Later: nothing. */
  cancel(options?: CancelOptions): void;
  /**
   * Brings the run to rest, to go on elsewhere: gives what to begin the next engine with (`EngineInput.resume`), or null
   * where it ended, was canceled or came to its undo first. Calls under way are awaited, so ask while `isAtEase`.
   */
  pause(): Promise<Snapshot | null>;
  /** Set once it is at rest; this engine does nothing any more. */
  readonly snapshot: Snapshot | null;
  /** No step is at work but waits for time and for decisions: a pause would be short. */
  readonly isAtEase: boolean;
  /** Resumes what `work` settles as one instant, in document order. */
  batch(work: () => void): void;
}

/** Begins a run. All that needs nothing from outside has happened when this returns. */
export function startEngine(input: EngineInput, effects: Effects): Engine {
  const run = new Run(input, effects);
  run.start();
  return run;
}

class Run implements Engine {
  readonly result: Promise<RunEnd>;
  ended: RunEnd | null = null;
  crash: unknown = null;
  readonly #core: Core;
  readonly #steps = new CancelToken();
  readonly #undo = new CancelToken();
  readonly #finally = new CancelToken();
  readonly #stepsTimer = new CancelToken();
  readonly #finallyTimer = new CancelToken();
  #settle: { resolve: (end: RunEnd) => void; reject: (error: unknown) => void } | null = null;
  #phase: 'steps' | 'undo' | 'finally' = 'steps';
  #canceled: CancelOptions | null = null;
  #onRest: ((snapshot: Snapshot | null) => void)[] = [];
  snapshot: Snapshot | null = null;
  /** The phase whose time is already watched. */
  #watched: 'steps' | 'finally' | null = null;

  constructor(input: EngineInput, effects: Effects) {
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.result.catch(() => undefined); // a crash is told to who awaits it; nobody has to
    const scheduler = new Scheduler({
      enter: (work) => (effects.enter ? effects.enter(work) : work()),
      onIdle: () => this.#idle(),
      onCrash: (error) => {
        this.crash ??= error;
        this.#settle?.reject(error);
      },
    });
    const book = openBook(input.definition);
    this.#core = {
      input,
      effects,
      book,
      scheduler,
      states: new Map(),
      undoEntries: [],
      warnings: 0,
      valueBytes: 0,
      busySteps: 0,
      executions: 0,
      openLeaves: new Set(),
      pause: new PauseControl(),
      runList,
    };
  }

  get states(): ReadonlyMap<string, StepState> {
    return this.#core.states;
  }

  start(): void {
    const { resume } = this.#core.input;
    if (resume) restore(this.#core, resume);
    this.#core.scheduler.spawn([], this.#story(), (end) => {
      this.ended = end;
      this.#tellRest(null);
      this.#settle?.resolve(end);
    });
  }

  cancel(options: CancelOptions = {}): void {
    if (this.#phase === 'steps') {
      this.#canceled ??= options;
      this.batch(() => this.#stop('run_canceled'));
    } else if (this.#phase === 'undo') this.batch(() => this.#undo.cancel('run_canceled'));
  }

  get isAtEase(): boolean {
    const waits = new Set(['wait', 'approve']);
    return [...this.#core.openLeaves].every(({ node, status }) => status === 'waiting' && waits.has(node.step.kind));
  }

  pause(): Promise<Snapshot | null> {
    if (this.snapshot) return Promise.resolve(this.snapshot);
    if (this.ended !== null || this.#phase !== 'steps' || this.#steps.isCanceled) return Promise.resolve(null);
    const rest = new Promise<Snapshot | null>((resolve) => this.#onRest.push(resolve));
    this.batch(() => this.#core.pause.ask());
    this.#checkRest();
    return rest;
  }

  /** At rest once everything is held and the outside owes no answer. */
  #checkRest(): void {
    const { pause, scheduler } = this.#core;
    if (!pause.isAsked || this.ended !== null || this.snapshot !== null || scheduler.outstanding > 0) return;
    this.snapshot = takeSnapshot(this.#core);
    this.#stepsTimer.cancel('paused');
    this.#tellRest(this.snapshot);
  }

  #tellRest(snapshot: Snapshot | null): void {
    const waiting = this.#onRest;
    this.#onRest = [];
    for (const tell of waiting) tell(snapshot);
  }

  /** Stops the steps, also those that a pause holds. */
  #stop(reason: CancelReason): void {
    if (this.snapshot !== null) return;
    this.#steps.cancel(reason);
    this.#core.pause.lift();
    this.#tellRest(null);
  }

  batch(work: () => void): void {
    this.#core.scheduler.batch(work);
  }

  /** Time limits are watched only once there is something to wait for: a run of cheap steps sets no timer. */
  #idle(): void {
    const { effects, input } = this.#core;
    this.#core.busySteps = 0;
    if (this.ended === null && this.#phase !== 'undo' && this.#watched !== this.#phase) {
      this.#watched = this.#phase;
      if (this.#phase === 'steps') {
        const ms = parseDuration(input.definition.timeout ?? '') ?? timeLimits.runDefaultMs;
        const left = Date.parse(input.run.startedAt) + ms - effects.now();
        this.#after(left, this.#stepsTimer, () => this.#stop('run_timed_out'));
      } else this.#after(timeLimits.finallyMs, this.#finallyTimer, () => this.#finally.cancel('budget_spent'));
    }
    effects.idle?.();
    this.#checkRest();
  }

  #after(ms: number, timer: CancelToken, then: () => void): void {
    this.#core.effects.sleep(Math.max(0, ms), timer).then(
      () => {
        if (!timer.isCanceled) this.batch(then);
      },
      () => undefined,
    );
  }

  *#story(): Fiber<RunEnd> {
    const core = this.#core;
    const frame = topFrame();
    const flow: Flow = { core, frame, cancel: this.#steps, position: [], error: null, end: null };
    const listEnd = yield* core.runList(flow, core.book.steps);
    this.#stepsTimer.cancel('budget_spent');
    const before = this.#judge(listEnd);
    const { status, error, outputs } = before.status === 'succeeded' ? this.#outputs(flow) : { ...before, outputs: {} };
    const end = { status, error };
    this.#phase = 'undo';
    const undo = this.#isUndone(status) ? yield* undoAll(core, end, this.#undo) : null;
    this.#phase = 'finally';
    if (core.book.finally.length > 0) yield* this.#runFinally({ ...flow, cancel: this.#finally, end });
    const { warnings } = core;
    record(core, { type: 'run.ended', status, error, outputs, warnings, undo });
    return { status, error, outputs, warnings, undo };
  }

  /** What the steps' end means for the run. Who was stopped before the end was stopped, whatever failed on the way. */
  #judge(end: ListEnd): { status: RunEndStatus; error: StepError | null } {
    if (end.kind === 'succeeded') return { status: 'succeeded', error: null };
    const { reason } = this.#steps;
    if (reason !== null) return stopped(reason, this.#canceled);
    return { status: 'failed', error: end.kind === 'failed' ? end.error : null };
  }

  #outputs(flow: Flow): { status: RunEndStatus; error: StepError | null; outputs: JsonObject } {
    const { core } = flow;
    const scope = flowScope(flow, core.effects.now());
    const path = '/outputs';
    try {
      const entries = Object.entries(core.input.definition.outputs ?? {});
      const outputs = Object.fromEntries(
        entries.map(([name, value]): [string, Json] => [name, at(`${path}/${name}`, () => renderValue(value, scope))]),
      );
      const bytes = jsonBytes(outputs);
      if (bytes > limits.outputsBytes) throw overLimit('outputsBytes', limits.outputsBytes, bytes, path);
      return { status: 'succeeded', error: null, outputs };
    } catch (thrown) {
      const { facts, path: where } = factsOf(thrown, path);
      const { code, message, details } = facts;
      const error = {
        code,
        message,
        step: null,
        path: where,
        attempt: 1,
        retryable: false,
        ...(details ? { details } : {}),
      };
      return { status: 'failed', error, outputs: {} };
    }
  }

  #isUndone(status: RunEndStatus): boolean {
    if (status === 'succeeded') return false;
    if (status === 'canceled' && this.#canceled?.undo !== undefined) return this.#canceled.undo;
    const on: readonly UndoReason[] = this.#core.input.definition.undoOn ?? ['failed', 'timed_out'];
    return on.includes(status);
  }

  /** The last steps: ten minutes, deaf to a cancel; what fails in them is a warning. */
  *#runFinally(flow: Flow): Fiber<void> {
    const core = this.#core;
    record(core, {
      type: 'run.phase',
      phase: 'finally',
      status: flow.end?.status ?? 'succeeded',
      error: flow.end?.error ?? null,
    });
    const end = yield* core.runList(flow, core.book.finally);
    this.#finallyTimer.cancel('budget_spent');
    if (end.kind === 'failed') warn(core, end.error.step, end.error.code, `finally failed: ${end.error.message}`);
    if (end.kind === 'canceled')
      warn(core, null, 'step.timed_out', 'finally took longer than ten minutes and was stopped.');
  }
}

function stopped(reason: CancelReason, options: CancelOptions | null): { status: RunEndStatus; error: StepError } {
  const isTimeout = reason === 'run_timed_out';
  const by = options?.by === undefined ? '' : ` by ${options.by}`;
  const error: StepError = {
    code: isTimeout ? 'run.timed_out' : 'run.canceled',
    message: isTimeout ? 'The run took longer than its timeout.' : `The run was canceled${by}.`,
    step: null,
    attempt: 1,
    retryable: false,
  };
  return { status: isTimeout ? 'timed_out' : 'canceled', error };
}
