import type { ActorRef, Json } from '../kit/schemas.ts';
import type { Progress, RunError, StepAttempt, StrandSegment } from './runs.ts';
import type { EndedStatus, HostStatus, StepStatus } from './status.ts';

/** The whole state of one step as the workflow knows it. `output` is only given when it changed: outputs can be large. */
export interface StepState {
  address: string;
  id: string;
  parent: string | null;
  kind: string;
  name: string | null;
  section: 'steps' | 'undo' | 'onFailure' | 'finally';
  status: StepStatus;
  reason: string | null;
  attempts: StepAttempt[];
  startedAt: string | null;
  endedAt: string | null;
  output?: Json;
  error: RunError | null;
  carried: boolean;
  undo: 'done' | 'failed' | 'skipped' | null;
  waitingUntil: string | null;
  childRunId: string | null;
  position: number;
}

/** The whole state of one host in one step, as far as the workflow decides it; activities write the live parts themselves. */
export interface HostState {
  address: string;
  host: string;
  serverId: string | null;
  batch: number;
  status: HostStatus;
  attempt: number;
  exitCode?: number | null;
  signal?: string | null;
  error?: RunError | null;
  stdout?: string;
  stderr?: string;
  truncated?: boolean;
  facts?: Record<string, Json> | null;
  startedAt?: string | null;
  endedAt?: string | null;
}

/** What a workflow says about its run since the last time, to be written in one transaction with its events. */
export interface RunRecord {
  workspaceId: string;
  runId: string;
  /** Counts the records of one run from 1: a repeated one is passed over. */
  seq: number;
  /** When the workflow began; sets `started_at` the first time. */
  startedAt: string;
  status: 'running' | 'waiting' | EndedStatus;
  waitingFor?: string | null;
  endedAt?: string;
  progress?: Progress | null;
  strand?: StrandSegment[];
  steps?: StepState[];
  hosts?: HostState[];
  outputs?: Json;
  error?: RunError | null;
  undo?: { done: number; failed: number; skipped: number } | null;
  /** Steps undone that the workflow no longer holds: they ended before its history was renewed. */
  undone?: { address: string; undo: 'done' | 'failed' | 'skipped' }[];
  undoPlan?: { address: string; undo: string[] }[];
  warnings?: number;
  /** Happenings of this run beyond its states: an undo announced, a server left out. */
  notes?: { type: string; subject?: string; data: Record<string, Json> }[];
  actor?: ActorRef;
}

/** What became of a record. */
export interface RecordOutcome {
  /** The run had been ended meanwhile, by a cancel before it began or from outside: the workflow stops. */
  isEnded: boolean;
}
