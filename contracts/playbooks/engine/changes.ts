import type { Json, JsonObject } from '../document.ts';
import type { StepError } from './failures.ts';

export type StepStatus =
  | 'pending'
  | 'running'
  | 'waiting'
  | 'unknown'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'skipped'
  | 'canceled';
export type HostStatus =
  | 'pending'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'unreachable'
  | 'timed_out'
  | 'skipped'
  | 'canceled'
  | 'unknown';
export type RunEndStatus = 'succeeded' | 'failed' | 'canceled' | 'timed_out';
export type SkipReason = 'condition' | 'earlier_failure';
export type UndoResult = 'done' | 'failed' | 'skipped';

/** `steps.id.hosts["web-1"]`, and what a rerun carries. Upload adds `{changed, backup, bytes, sha256}`. */
export interface HostResult {
  readonly status: HostStatus;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: StepError | null;
  readonly truncated: boolean;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly [more: string]: unknown;
}

export interface UndoCount {
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One line of the journal. `at` is milliseconds since 1970. Addresses name steps as in `each[2].copy`. */
export type Change =
  | {
      readonly type: 'step.started';
      readonly at: number;
      readonly address: string;
      readonly stepId: string;
      readonly kind: string;
    }
  /** What templates became: the command, message, address or reason; one text, or one a host where they differ. */
  | {
      readonly type: 'step.rendered';
      readonly at: number;
      readonly address: string;
      readonly text?: string;
      readonly hosts?: { readonly [name: string]: string };
    }
  | {
      readonly type: 'step.waiting';
      readonly at: number;
      readonly address: string;
      readonly what: 'approval' | 'timer' | 'lock' | 'retry' | 'batch';
      readonly until: number | null;
    }
  | { readonly type: 'step.resumed'; readonly at: number; readonly address: string }
  /** An attempt that failed and is followed by another. */
  | {
      readonly type: 'step.attempt_failed';
      readonly at: number;
      readonly address: string;
      readonly attempt: number;
      readonly error: StepError;
      readonly retryAt: number;
    }
  | {
      readonly type: 'step.unknown';
      readonly at: number;
      readonly address: string;
      readonly host: string | null;
      readonly reason: string;
    }
  | {
      readonly type: 'step.answered';
      readonly at: number;
      readonly address: string;
      readonly host: string | null;
      readonly answer: string;
    }
  | {
      readonly type: 'step.ended';
      readonly at: number;
      readonly address: string;
      readonly status: StepStatus;
      readonly attempts: number;
      /** Null where it is sealed. */
      readonly output: Json;
      readonly sealed: boolean;
      readonly error: StepError | null;
      readonly partial: boolean;
      readonly childRunId: string | null;
    }
  /** Steps that never began. */
  | {
      readonly type: 'steps.skipped';
      readonly at: number;
      readonly addresses: readonly string[];
      readonly reason: SkipReason;
    }
  | { readonly type: 'steps.canceled'; readonly at: number; readonly addresses: readonly string[] }
  | { readonly type: 'steps.carried'; readonly at: number; readonly addresses: readonly string[] }
  | {
      readonly type: 'hosts.chosen';
      readonly at: number;
      readonly address: string;
      readonly batches: readonly (readonly { readonly id: string; readonly name: string }[])[];
      readonly leftOut: readonly string[];
    }
  | {
      readonly type: 'batch.started';
      readonly at: number;
      readonly address: string;
      readonly batch: number;
      readonly attempt: number;
      readonly hosts: readonly string[];
    }
  /** Hosts that will not run again. Output texts are what expressions see; the whole is in the log. */
  | {
      readonly type: 'hosts.ended';
      readonly at: number;
      readonly address: string;
      readonly hosts: { readonly [name: string]: HostResult };
    }
  /** Before the first undo: what will be undone, in this order. */
  | { readonly type: 'undo.announced'; readonly at: number; readonly addresses: readonly string[] }
  | { readonly type: 'step.undone'; readonly at: number; readonly address: string; readonly result: UndoResult }
  | {
      readonly type: 'warning';
      readonly at: number;
      readonly address: string | null;
      readonly code: string;
      readonly message: string;
      readonly details?: JsonObject;
    }
  | {
      readonly type: 'run.phase';
      readonly at: number;
      readonly phase: 'undo' | 'finally';
      readonly status: RunEndStatus;
      readonly error: StepError | null;
    }
  | {
      readonly type: 'run.ended';
      readonly at: number;
      readonly status: RunEndStatus;
      readonly error: StepError | null;
      readonly outputs: JsonObject;
      readonly warnings: number;
      readonly undo: UndoCount | null;
    };
