import type { ActorRef } from '../kit/schemas.ts';
import type { JsonObject, Playbook } from './document.ts';
import type { Carried } from './engine/carried.ts';

/** Names that the API and the workers share. */
export const RunPlaybook = {
  type: 'runPlaybook',
  taskQueue: 'main',
  /** Hosts are spoken to by workers of their own. */
  hostsQueue: 'ssh',
  signal: {
    /** An approval was decided, or expired: the row in the database says how. */
    approvalDecided: 'approvalDecided',
    /** Somebody said what became of a step nobody knows about. */
    outcomeAnswered: 'outcomeAnswered',
    /** A lock was given to this run. */
    lockGranted: 'lockGranted',
    /** Cancel, with the caller's wish about undo; Temporal's own cancel means the same without one. */
    cancelAsked: 'cancelAsked',
  },
} as const;

/** The answer of a person to an `unknown` step. */
export interface OutcomeAnswered {
  address: string;
  host: string | null;
  outcome: 'ran' | 'not_ran' | 'repeat';
  by: string;
  reason: string | null;
}

/** A playbook that a run may call, as it stood when the top run started. */
export interface PinnedPlaybook {
  id: string;
  name: string;
  version: number;
}

/** What one playbook run is made of. Secrets travel as references only. */
export interface RunPlaybookInput {
  workspaceId: string;
  runId: string;
  definition: Playbook;
  /** Checked and complete; secret ones hold a mark, their values are sealed with the run. */
  inputs: JsonObject;
  vars: JsonObject;
  /** Names of the workspace's secrets. */
  secrets: string[];
  title: string;
  trigger: string;
  actor: ActorRef;
  actorEmail: string;
  url: string;
  playbook: PinnedPlaybook;
  /** Every playbook reachable from the top one, by name and by id. */
  pins: Record<string, PinnedPlaybook>;
  /** 0 for a top run. */
  depth: number;
  rootRunId: string;
  carried: Carried | null;
  isDryRun: boolean;
  /** Only on these servers, whatever a step selects: test of a single step. */
  onlyHosts: string[] | null;
  /** Set where the run goes on from an execution whose history had become long (continue-as-new). */
  continued?: ContinuedRun | null;
  /** Events after which it moves to a new execution, where the server's own suggestion is too late (tests). */
  moveAfterEvents?: number | null;
}

/** What a new execution of the same run begins with; the large part lies sealed in the database. */
export interface ContinuedRun {
  startedAt: string;
  /** Records written so far. */
  seq: number;
  /** Parts of the sealed snapshot. */
  parts: number;
  /** Signals that have come and are not used up. */
  decided: string[];
  answers: OutcomeAnswered[];
  grantedLocks: string[];
  /** A cancel that came after the snapshot. */
  wish: { undo?: boolean; by?: string } | null;
}

/** The result a parent takes from a child run. */
export interface RunPlaybookResult {
  status: 'succeeded' | 'failed' | 'canceled' | 'timed_out';
  outputs: JsonObject;
  error: { code: string; message: string; retryable: boolean; details?: unknown } | null;
}
