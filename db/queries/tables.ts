import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Role } from '#contracts/identity/permissions.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { AfterQuery, DeliveryOutcome } from '#contracts/queries/delivery.ts';
import type { EngineKind, QueryColumn, Remark, RunRef } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { ResolvedParameter } from '#contracts/queries/parameters.ts';
import type { CleanupState, PhaseName, QueryPhase } from '#contracts/queries/phases.ts';
import type { TimeWindow } from '#contracts/queries/query-runs.ts';
import type { QueryAct } from '#contracts/queries/query-acts.ts';
import type { QueryBody } from '#contracts/queries/saved-queries.ts';
import type { JsonColumn } from '../runs/tables.ts';

export interface QueriesTables {
  queryRuns: QueryRunsTable;
  remoteAssets: RemoteAssetsTable;
  queries: QueriesTable;
  queryVersions: QueryVersionsTable;
  queryFavourites: QueryFavouritesTable;
  queryTabs: QueryTabsTable;
  queryTabTexts: QueryTabTextsTable;
  queryRules: QueryRulesTable;
  querySnippets: QuerySnippetsTable;
}
/** A JSON column that has a default: may be left out. */
type Defaulted<T> = ColumnType<T, string | undefined, string>;
type OrNull<T> = ColumnType<T | null, string | null | undefined, string | null>;

export interface QueryRunsTable {
  workspaceId: Generated<string>;
  runId: string;
  connectionId: string;
  connectionName: string;
  engine: EngineKind;
  /** Business unit or instance; `''`: the connection has none. */
  unit: Generated<string>;
  unitName: string | null;
  queryId: string | null;
  queryVersion: number | null;
  title: string;
  /** As the user wrote it. */
  sqlText: string;
  parameterDefs: Defaulted<ParameterDef[]>;
  parameters: Defaulted<ResolvedParameter[]>;
  timeWindow: OrNull<TimeWindow>;
  options: Defaulted<Record<string, unknown>>;
  columns: OrNull<QueryColumn[]>;
  remarks: Defaulted<Remark[]>;
  phase: Generated<PhaseName>;
  phases: Defaulted<QueryPhase[]>;
  ref: OrNull<RunRef>;
  isAdopted: Generated<boolean>;
  /** Of `bigint`, as a number: see `openDatabase`. */
  rowCount: ColumnType<number | null, number | null | undefined, number | null>;
  /** What the service said last, or could do about a cancel. */
  note: string | null;
  failure: OrNull<QueryFailureFacts>;
  expiresAt: Date | null;
  cleanupState: Generated<CleanupState['state']>;
  removedCount: Generated<number>;
  leftCount: Generated<number>;
  cleanedAt: Date | null;
  closedAt: Date | null;
  /** What its schedule wants done with it. */
  after: OrNull<AfterQuery>;
  deliveries: Defaulted<DeliveryOutcome[]>;
  /** The reading of the schema that it went by. */
  schemaReadNo: number | null;
  schemaReadAt: Date | null;
  createdAt: Generated<Date>;
  searchText: GeneratedAlways<string>;
}

export interface RemoteAssetsTable {
  workspaceId: Generated<string>;
  runId: string;
  kind: string;
  name: string;
  connectionId: string;
  engine: EngineKind;
  unit: Generated<string>;
  ref: JsonColumn<RunRef>;
  createdAt: Generated<Date>;
  dueAt: Date;
  attempts: Generated<number>;
  failure: OrNull<QueryFailureFacts>;
}

export interface QueriesTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  nameKey: GeneratedAlways<string>;
  description: string;
  folder: string;
  tags: string[];
  sharing: 'private' | 'workspace';
  owner: JsonColumn<ActorRef>;
  ownerId: string;
  engine: EngineKind;
  connectionId: string | null;
  unit: string | null;
  version: number;
  forkedFromId: string | null;
  forkedFromVersion: number | null;
  reviewedBy: OrNull<ActorRef>;
  reviewedAt: Date | null;
  reviewedVersion: number | null;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}

export interface QueryVersionsTable {
  workspaceId: Generated<string>;
  queryId: string;
  version: number;
  body: ColumnType<QueryBody, string, never>;
  note: string;
  savedBy: ColumnType<ActorRef, string, never>;
  savedById: string;
  restoredFrom: number | null;
  savedAt: Generated<Date>;
}

export interface QueryFavouritesTable {
  workspaceId: Generated<string>;
  queryId: string;
  personId: string;
}

export interface QueryTabsTable {
  workspaceId: Generated<string>;
  personId: string;
  id: string;
  revision: number;
  sqlText: string;
  /** All but text and place: title, connection, parameters, what it shows. */
  state: JsonColumn<Record<string, unknown>>;
  position: number;
  updatedAt: Generated<Date>;
}
export interface QueryTabTextsTable {
  workspaceId: Generated<string>;
  personId: string;
  tabId: string;
  revision: number;
  sqlText: string;
}

/** Takes acts away from a person or a role, at a connection, one of its units, or a folder. */
export interface QueryRulesTable {
  workspaceId: Generated<string>;
  id: string;
  personId: string | null;
  role: Role | null;
  connectionId: string | null;
  unit: string | null;
  folder: string | null;
  denied: QueryAct[];
  createdBy: JsonColumn<ActorRef>;
  createdAt: Generated<Date>;
}

/** Pieces of queries: the workspace's, and each person's own. */
export interface QuerySnippetsTable {
  workspaceId: Generated<string>;
  id: string;
  trigger: string;
  triggerKey: GeneratedAlways<string>;
  description: string;
  body: string;
  engine: EngineKind | null;
  sharing: 'private' | 'workspace';
  owner: JsonColumn<ActorRef>;
  ownerId: string;
  version: Generated<number>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}
