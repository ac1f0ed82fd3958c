import type { Json, JsonObject } from '../document.ts';
import type { StepView } from '../expressions/scope.ts';
import type { StepNode } from './book.ts';
import type { HostResult, SkipReason, StepStatus, UndoResult } from './changes.ts';
import type { StepError } from './failures.ts';

/** How one iteration of an `each` ended, and what it collected. */
export interface EndedIteration {
  readonly kind: 'succeeded' | 'failed' | 'canceled';
  readonly value: Json;
}

/** Everything known of one step at one address. */
export interface StepState {
  readonly address: string;
  readonly node: StepNode;
  status: StepStatus;
  output: Json;
  error: StepError | null;
  attempts: number;
  hosts: Record<string, HostResult>;
  startedAt: number | null;
  endedAt: number | null;
  isSealed: boolean;
  isPartial: boolean;
  carried: boolean;
  reason: SkipReason | null;
  undo: UndoResult | null;
  childRunId: string | null;
  /** It has begun and not ended. */
  isOpen: boolean;
  /** It failed and the run went on (`continueOnError`). */
  isForgiven: boolean;
  /** Held while it is open. */
  lockSlot: string | null;
  attemptStartedAt: number | null;
  /** Of a container: what failed in it first. */
  firstError: StepError | null;
  /** Of an `each`: its iterations that have ended, by index. */
  loop: Record<string, EndedIteration> | null;
  /** It comes from before a pause and has not been met again. */
  isRestored: boolean;
  /** Bytes its values take of the run's 4 MB. */
  bytes: number;
}

export const newState = (address: string, node: StepNode): StepState => ({
  address,
  node,
  status: 'pending',
  output: null,
  error: null,
  attempts: 0,
  hosts: {},
  startedAt: null,
  endedAt: null,
  isSealed: false,
  isPartial: false,
  carried: false,
  reason: null,
  undo: null,
  childRunId: null,
  isOpen: false,
  isForgiven: false,
  lockSlot: null,
  attemptStartedAt: null,
  firstError: null,
  loop: null,
  isRestored: false,
  bytes: 0,
});

/** RFC 3339 in UTC, with a fraction only where there is one. */
export const instantText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

/** `steps.id` as expressions see it. */
export const viewOf = (state: StepState): StepView => ({
  status: state.status,
  // A sealed result is only ever referred to; what stands here says no more than that there is one.
  output: state.isSealed && state.status === 'succeeded' ? true : state.output,
  error: state.error as unknown as Json,
  attempts: state.attempts,
  hosts: state.hosts as unknown as { readonly [name: string]: JsonObject },
  startedAt: state.startedAt === null ? null : instantText(state.startedAt),
  endedAt: state.endedAt === null ? null : instantText(state.endedAt),
  ...(state.isSealed ? { sealed: sealOf(state.address) } : {}),
  ...(state.childRunId === null ? {} : { run: state.childRunId }),
});

/** Begins every reference to a sensitive step's result. */
export const sealOf = (address: string): string => `steps.${address}`;
