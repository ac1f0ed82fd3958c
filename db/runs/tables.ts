import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { Progress, RunError, StepAttempt, StrandSegment } from '#contracts/runs/runs.ts';
import type { HostStatus, RunShape, RunStatus, RunTrigger, StepStatus } from '#contracts/runs/status.ts';

import type { SavedViewsTable } from '../kit/saved-views.ts';

export interface RunsTables {
  runs: RunsTable;
  runSteps: RunStepsTable;
  runHosts: RunHostsTable;
  runLocks: RunLocksTable;
  runViews: SavedViewsTable;
  queueDrains: QueueDrainsTable;
  instanceDrains: InstanceDrainsTable;
}

/** A JSON column: read as a value, written as JSON text. */
export type JsonColumn<T> = ColumnType<T, string, string>;

export interface RunsTable {
  workspaceId: Generated<string>;
  /** Also the Temporal workflow id. */
  id: string;
  kind: string;
  shape: RunShape;
  title: string;
  status: RunStatus;
  waitingFor: string | null;
  trigger: RunTrigger;
  triggerId: string | null;
  actor: JsonColumn<ActorRef>;
  actorId: string | null;
  parentRunId: string | null;
  rootRunId: string | null;
  subjectKind: string | null;
  subjectId: string | null;
  subjectVersion: number | null;
  /** What a person may see of the inputs: secrets as `[secret]`. */
  inputs: JsonColumn<Record<string, Json> | null>;
  outputs: JsonColumn<Json | null>;
  error: JsonColumn<RunError | null>;
  progress: JsonColumn<Progress | null>;
  strand: JsonColumn<StrandSegment[]>;
  undo: JsonColumn<{ done: number; failed: number; skipped: number } | null>;
  undoPlan: JsonColumn<{ address: string; undo: string[] }[]>;
  warnings: Generated<number>;
  tags: Generated<string[]>;
  workflowType: string;
  taskQueue: string;
  /** The workflow's input, sealed, until it has begun: the sweep starts from it what a dead process left behind. */
  sealedInput: string | null;
  /** Holds a slot from here until it ends; null while it queues. */
  admittedAt: Date | null;
  concurrencyKey: string | null;
  concurrencyLimit: number | null;
  rerunOf: string | null;
  cancelRequestedAt: Date | null;
  /** The caller's wish about undo at a cancel. */
  cancelUndo: boolean | null;
  /** The last change set of the workflow that is in here; a repeated one is passed over. */
  journalSeq: Generated<number>;
  createdAt: Generated<Date>;
  startedAt: Date | null;
  endedAt: Date | null;
  /** From its start to its end, 0 where it never began; null until it has ended. */
  tookMs: GeneratedAlways<number | null>;
  /** What titles are sorted by. */
  titleKey: GeneratedAlways<string>;
}

export interface RunStepsTable {
  workspaceId: Generated<string>;
  runId: string;
  address: string;
  id: string;
  parent: string | null;
  kind: string;
  name: string | null;
  section: 'steps' | 'undo' | 'onFailure' | 'finally';
  status: StepStatus;
  reason: string | null;
  attempts: JsonColumn<StepAttempt[]>;
  startedAt: Date | null;
  endedAt: Date | null;
  output: ColumnType<Json | null, string | null, string | null>;
  /** The whole output of a step whose output is a secret, sealed. */
  sealedOutput: Generated<string | null>;
  error: JsonColumn<RunError | null>;
  carried: boolean;
  undo: 'done' | 'failed' | 'skipped' | null;
  waitingUntil: Date | null;
  childRunId: string | null;
  position: number;
}

export interface RunHostsTable {
  workspaceId: Generated<string>;
  runId: string;
  address: string;
  host: string;
  serverId: string | null;
  batch: number;
  status: HostStatus;
  attempt: number;
  exitCode: number | null;
  signal: string | null;
  error: JsonColumn<RunError | null>;
  /** Bytes of each stream that are in the log or were passed over by the cap: where the next attempt reads on. */
  stdoutBytes: Generated<number>;
  stderrBytes: Generated<number>;
  /** The beginning of each stream, as expressions see it (64 kB at most). */
  stdout: Generated<string>;
  stderr: Generated<string>;
  truncated: Generated<boolean>;
  /** Facts of kinds that give more than output: `changed`, `backup`, `sha256`. */
  facts: JsonColumn<Record<string, Json> | null>;
  /** How far the command is: null, `begun`, `ended`, `recorded`. */
  phase: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
}

/** Workspace-wide slots held by runs (`lock` on a step). */
export interface RunLocksTable {
  workspaceId: Generated<string>;
  name: string;
  runId: string;
  address: string;
  slots: number;
  askedAt: Generated<Date>;
  /** Null while it waits in line. */
  heldAt: Date | null;
}

/** Queues from which no new run of this workspace begins. */
export interface QueueDrainsTable extends InstanceDrainsTable {
  workspaceId: Generated<string>;
}

/** The same for every workspace; the app reads it, the system role writes it. */
export interface InstanceDrainsTable {
  queue: string;
  reason: string | null;
  drainedBy: ColumnType<ActorRef, string, never>;
  drainedAt: Generated<Date>;
}
