import type { ColumnType, Generated } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { OverlapPolicy } from '#contracts/schedules/schedules.ts';
import type { ScheduleTarget } from '#contracts/schedules/targets.ts';

export interface SchedulesTables {
  schedules: SchedulesTable;
  scheduleFirings: ScheduleFiringsTable;
}

export interface SchedulesTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  description: string;
  targetKind: ScheduleTarget['kind'];
  targetId: string;
  targetVersion: number | null;
  /** As a person may see them: secrets as `[secret]`. */
  inputs: ColumnType<Record<string, Json>, string, string>;
  /** As they were given, sealed. */
  sealedInputs: string;
  cron: string[];
  everyMs: number | null;
  timeZone: string;
  overlap: OverlapPolicy;
  catchUpMs: number;
  jitterMs: number;
  startAt: Date | null;
  endAt: Date | null;
  paused: boolean;
  pausedNote: string | null;
  problem: ColumnType<RunError | null, string | null, string | null>;
  version: Generated<number>;
  /** The version that Temporal was last told of; below `version`: the reconciler tells it. */
  syncedVersion: Generated<number>;
  /** Up to here each time was seen to have fired, or said to be missed. */
  checkedUntil: Generated<Date>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
  /** Removed by a person; the row goes once Temporal has forgotten it too. */
  deletedAt: Date | null;
}

export interface ScheduleFiringsTable {
  workspaceId: Generated<string>;
  scheduleId: string;
  nominalAt: Date;
  /** `started`: there is a run, and its row says the rest. */
  status: 'started' | 'failed' | 'missed';
  runId: string | null;
  error: ColumnType<RunError | null, string | null, string | null>;
  firedAt: Generated<Date>;
  /** When `fireSchedule` ended: while it is open, overlap policies hold times back. */
  endedAt: Date | null;
}
