import type { OverlapPolicy } from './schedules.ts';

/** What Temporal is told of a schedule; the rest stays with its row. */
export interface TemporalSchedule {
  id: string;
  workspaceId: string;
  cron: string[];
  everyMs: number | null;
  timeZone: string;
  overlap: OverlapPolicy;
  catchUpMs: number;
  jitterMs: number;
  isPaused: boolean;
  startAt: Date | null;
  endAt: Date | null;
}

/** What Temporal knows of a schedule. */
export interface ScheduleState {
  nextTimes: Date[];
  missedCatchUp: number;
  overlapSkipped: number;
  isPaused: boolean;
}

/** Temporal Schedules, by the id of our own row. All are repeatable: the row is the truth, Temporal its clockwork. */
export interface ScheduleTools {
  /** Makes it, or changes it to this. */
  put(spec: TemporalSchedule): Promise<void>;
  /** Also where there is none. */
  remove(id: string): Promise<void>;
  pause(id: string, note: string): Promise<void>;
  unpause(id: string, note: string): Promise<void>;
  /** Starts it once, now. */
  trigger(id: string): Promise<void>;
  /** Starts it for each of its times in this range. */
  backfill(id: string, from: Date, to: Date): Promise<void>;
  /** Null where Temporal has no such schedule. */
  describe(id: string): Promise<ScheduleState | null>;
  /** The ids that Temporal has; a new one may be missing for a moment. */
  ids(): Promise<ReadonlySet<string>>;
}
