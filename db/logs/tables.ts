import type { ColumnType, Generated } from 'kysely';
import type { LogAlert, LogSender } from '#contracts/logs/logs.ts';
import type { NamedRow } from '../kit/named-row.ts';

export interface LogsTables {
  logSources: LogSourcesTable;
  logSourceTokens: LogSourceTokensTable;
  logSearches: LogSearchesTable;
  logKeeping: LogKeepingTable;
  logDays: LogDaysTable;
  logTrims: LogTrimsTable;
}

export interface LogSourcesTable extends NamedRow {
  description: string;
  sender: LogSender;
  timeZone: string;
  enabled: boolean;
}
export interface LogSourceTokensTable {
  workspaceId: Generated<string>;
  id: string;
  sourceId: string;
  tokenHash: string;
  /** The last characters, so that people can tell two apart. */
  hint: string;
  createdAt: Generated<Date>;
}
export interface LogSearchesTable extends NamedRow {
  search: string;
  alert: ColumnType<LogAlert | null, string | null, string | null>;
  state: Generated<'quiet' | 'firing'>;
  stateAt: ColumnType<Date | null, never, Date | null>;
  lastCount: ColumnType<number | null, never, number | null>;
  /** When it is counted next; null: it raises no alert. */
  dueAt: Date | null;
}
export interface LogKeepingTable {
  workspaceId: Generated<string>;
  keepDays: Generated<number>;
  quotaBytes: number | null;
  updatedAt: Generated<Date>;
}
/** What came, by source and UTC day of the events. */
export interface LogDaysTable {
  workspaceId: Generated<string>;
  day: string;
  sourceId: string;
  events: Generated<number>;
  bytes: Generated<number>;
  duplicates: Generated<number>;
  rejected: Generated<number>;
  lost: Generated<number>;
  lastAt: Date | null;
}
export interface LogTrimsTable {
  workspaceId: Generated<string>;
  at: Generated<Date>;
  runId: string | null;
  beforeDay: string;
  events: number;
  bytes: number;
}
