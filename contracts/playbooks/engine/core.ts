import { utf8Length } from '../bytes.ts';
import type { Json, JsonObject, Playbook, Step } from '../document.ts';
import type { HostView, RunView, Scope } from '../expressions/scope.ts';
import { limits } from '../limits.ts';
import type { Book, StepNode } from './book.ts';
import type { CancelToken } from './cancel.ts';
import type { Change, RunEndStatus } from './changes.ts';
import type { Effects } from './effects.ts';
import type { StepError } from './failures.ts';
import { overLimit } from './failures.ts';
import type { PauseControl } from './pause.ts';
import type { Fiber, Position, Scheduler } from './fibers.ts';
import type { Frame } from './frame.ts';
import type { Carried } from './carried.ts';
import type { Snapshot } from './snapshot.ts';
import { newState, type StepState } from './state.ts';

/** What a run is made of. Plain data: it may be a workflow's input. */
export interface EngineInput {
  /** Valid by `validate`; the engine does not check it again. */
  readonly definition: Playbook;
  /** Complete, as `checkInputs` gives them. */
  readonly inputs: JsonObject;
  readonly vars: JsonObject;
  /** Names of the workspace's secrets. */
  readonly secrets: readonly string[];
  readonly run: Omit<RunView, 'status' | 'error' | 'dryRun'>;
  /** 0 for a top run. */
  readonly depth?: number;
  /** Of a rerun, from `planRerun`. */
  readonly carried?: Carried;
  /** Of a run that goes on here, from the engine that was paused. All else must be what that one was given. */
  readonly resume?: Snapshot;
}

/** A step that is to be undone if the run ends badly, in the surroundings it ran in. */
export interface UndoEntry {
  readonly state: StepState;
  readonly frame: Frame;
}

/** What all parts of one run share. */
export interface Core {
  readonly input: EngineInput;
  readonly effects: Effects;
  readonly book: Book;
  readonly scheduler: Scheduler;
  /** By address. */
  readonly states: Map<string, StepState>;
  /** In order of completion. */
  readonly undoEntries: UndoEntry[];
  warnings: number;
  valueBytes: number;
  /** Counts every intended execution of the run. */
  executions: number;
  /** Steps that have begun and not ended, containers left out. */
  readonly openLeaves: Set<StepState>;
  readonly pause: PauseControl;
  /** Steps passed since the run last waited for the outside. */
  busySteps: number;
  /** How containers run their lists; handed in, since lists run containers. */
  readonly runList: (flow: Flow, nodes: readonly StepNode[]) => Fiber<ListEnd>;
}

/** How a list of steps, and a step as its list sees it, ended. A skipped or forgiven step hinders nobody. */
export type ListEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly error: StepError }
  | { readonly kind: 'canceled' };

/** Where a list of steps runs: its surroundings, its token, its turn among those that run beside it. */
export interface Flow {
  readonly core: Core;
  readonly frame: Frame;
  readonly cancel: CancelToken;
  readonly position: Position;
  /** In `onFailure`: the failed step's error. */
  readonly error: StepError | null;
  /** In `undo` and `finally`: how the run will end. */
  readonly end: { readonly status: RunEndStatus; readonly error: StepError | null } | null;
}

/** One step at work. */
export interface StepRun<S extends Step = Step> {
  readonly flow: Flow;
  readonly core: Core;
  readonly node: StepNode;
  readonly step: S;
  readonly state: StepState;
  /** What `now()` gives in its fields. */
  readonly nowMs: number;
}

/** How an attempt, and in the end a step, turned out. */
export type Done =
  | { readonly kind: 'succeeded'; readonly output: Json; readonly isPartial?: boolean }
  | {
      readonly kind: 'failed';
      readonly status: 'failed' | 'timed_out';
      readonly error: StepError;
      readonly output?: Json;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'canceled'; readonly output?: Json };

/** A step whose fields are rendered: what remains is to try. */
export interface Prepared {
  readonly attempt: (attempt: number, cancel: CancelToken) => Fiber<Done>;
  /** Rolls over hosts and retries them one by one, beginning with this attempt. */
  readonly retriesItself?: true;
  /** Of each attempt, where the engine must watch the time; null where the outside does, or nobody. */
  readonly watchMs?: number | null;
}

type Unstamped<C> = C extends Change ? Omit<C, 'at'> : never;

/** Writes a line of the journal. */
export const record = (core: Core, change: Unstamped<Change>): void =>
  core.effects.record({ ...change, at: core.effects.now() } as Change);

export function warn(core: Core, address: string | null, code: string, message: string, details?: JsonObject): void {
  core.warnings += 1;
  record(core, { type: 'warning', address, code, message, ...(details ? { details } : {}) });
}

export const addressOf = (flow: Pick<Flow, 'frame'>, node: StepNode): string => flow.frame.prefix + node.id;

/** A fresh state for a step that begins or is passed over; what an earlier attempt of its container left is replaced. */
export function openState(flow: Pick<Flow, 'core' | 'frame'>, node: StepNode): StepState {
  const { core } = flow;
  const address = addressOf(flow, node);
  const before = core.states.get(address);
  if (before) core.valueBytes -= before.bytes;
  const state = newState(address, node);
  core.states.set(address, state);
  return state;
}

/** Everything an expression of this step sees. */
export function scopeOf(run: StepRun, host?: HostView): Scope {
  return flowScope(run.flow, run.nowMs, host);
}

/** What a scope is made of. */
export interface ScopeParts extends Pick<Flow, 'frame' | 'error' | 'end'> {
  readonly core: Pick<Core, 'input'>;
}

export function flowScope({ core: { input }, frame, error, end }: ScopeParts, nowMs: number, host?: HostView): Scope {
  return {
    inputs: input.inputs,
    inputTypes: input.definition.inputs ?? [],
    vars: input.vars,
    steps: frame.views,
    run: {
      ...input.run,
      dryRun: false,
      ...(end ? { status: end.status, error: end.error as unknown as Json } : {}),
    },
    secrets: input.secrets,
    locals: frame.locals,
    ...(host ? { host } : {}),
    ...(error ? { error: error as unknown as Json } : {}),
    nowMs,
  };
}

/** Bytes of a value as JSON. */
export const jsonBytes = (value: Json): number => utf8Length(JSON.stringify(value));

/** Counts a step's values against the 4 MB of a run (§11); throws where they no longer fit. */
export function countValues(core: Core, state: StepState, bytes: number): void {
  const sum = core.valueBytes - state.bytes + bytes;
  if (sum > limits.runValuesBytes) throw overLimit('runValuesBytes', limits.runValuesBytes, sum);
  core.valueBytes = sum;
  state.bytes = bytes;
}
