import type { Generated, ColumnType } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';

export interface EventsTables {
  events: EventsTable;
  runLogs: RunLogsTable;
}

/** One row a change (design §4). Partitioned by day of `at`. */
export interface EventsTable {
  workspaceId: Generated<string>;
  at: Generated<Date>;
  seq: Generated<number>;
  /** The writing transaction, as text; readers stay below the snapshot's horizon. */
  xid: Generated<string>;
  type: string;
  subject: string | null;
  runId: string | null;
  actor: ColumnType<ActorRef | null, string | null, never>;
  data: ColumnType<Record<string, unknown>, string, never>;
}

/** Output in chunks as it came. Partitioned by day of `at`. */
export interface RunLogsTable {
  workspaceId: Generated<string>;
  at: Generated<Date>;
  seq: Generated<number>;
  xid: Generated<string>;
  runId: string;
  address: string;
  host: string;
  stream: 'stdout' | 'stderr' | 'system';
  attempt: number;
  fromByte: number;
  text: string;
}
