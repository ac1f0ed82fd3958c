import type { ColumnType, Generated } from 'kysely';
import type { ConnectionState, KnownColumn, KnownObject, TokenRefresh } from '#contracts/connections/connections.ts';
import type { PublicConfig } from '#contracts/connections/config.ts';
import type { SchemaChange } from '#contracts/connections/schema-changes.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { EngineKind } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';

export interface ConnectionsTables {
  connections: ConnectionsTable;
  connectionSecrets: ConnectionSecretsTable;
  connectionTokens: ConnectionTokensTable;
  connectionRefreshes: ConnectionRefreshesTable;
  connectionUnits: ConnectionUnitsTable;
  connectionSignIns: ConnectionSignInsTable;
  connectionLaunches: ConnectionLaunchesTable;
  connectionBudgets: ConnectionBudgetsTable;
  schemaObjects: SchemaObjectsTable;
  schemaReads: SchemaReadsTable;
  schemaChanges: SchemaChangesTable;
}

/** A JSON column: read as a value, written as JSON text. */
type JsonColumn<T> = ColumnType<T, string | null | undefined, string | null>;
type Details = Readonly<Record<string, string | number | boolean | null>>;

export interface ConnectionsTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  /** Where the name sorts naturally. */
  nameKey: string;
  kind: EngineKind;
  description: Generated<string>;
  config: JsonColumn<PublicConfig>;
  slots: number;
  callsPerSecond: number | null;
  state: Generated<ConnectionState>;
  stateSince: Generated<Date>;
  failure: JsonColumn<QueryFailureFacts | null>;
  account: JsonColumn<{ id: string; name: string } | null>;
  runId: string | null;
  unitsReadAt: Date | null;
  createdBy: JsonColumn<ActorRef>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
  version: Generated<number>;
}

interface OfConnection {
  workspaceId: Generated<string>;
  connectionId: string;
}
interface OfUnit extends OfConnection {
  /** `''`: of the connection as a whole. */
  unit: string;
}

export interface ConnectionSecretsTable extends OfConnection {
  name: string;
  sealed: string;
  setAt: Generated<Date>;
}

export interface ConnectionTokensTable extends OfUnit {
  generation: number;
  /** The whole token set, sealed. */
  sealed: string;
  scopes: Generated<string[]>;
  expiresAt: Date;
  /** When it is renewed ahead of time; null: by the lifecycle alone, or when somebody asks. */
  refreshAt: Date | null;
  refreshedAt: Generated<Date>;
  renewingGeneration: number | null;
  renewingUntil: Date | null;
  attempts: Generated<number>;
}

export interface ConnectionRefreshesTable extends OfUnit {
  place: number;
  id: string;
  at: Date;
  outcome: TokenRefresh['outcome'];
  cause: TokenRefresh['cause'];
  tookMs: number;
  failure: JsonColumn<QueryFailureFacts | null>;
}

export interface ConnectionUnitsTable extends OfUnit {
  name: string;
  nameKey: string;
  parentId: string | null;
  isUsable: boolean;
  isDefault: Generated<boolean>;
  details: JsonColumn<Details>;
  seenAt: Generated<Date>;
}

export interface ConnectionSignInsTable extends OfUnit {
  stateHash: string;
  personId: string;
  sessionId: string;
  sealedVerifier: string;
  redirectUri: string;
  returnTo: string | null;
  expiresAt: Date;
}

export interface ConnectionLaunchesTable extends OfUnit {
  jtiHash: string;
  ticketHash: string;
  sealed: string;
  landedAt: Date | null;
  landUntil: Date;
  keepUntil: Date;
}

export interface ConnectionBudgetsTable extends OfUnit {
  nextAt: Generated<Date>;
  held: JsonColumn<Record<string, { count: number; untilMs: number }>>;
  minute: Generated<Date>;
  calls: Generated<number>;
  throttled: Generated<number>;
  lastCalls: Generated<number>;
  lastThrottled: Generated<number>;
}

export interface SchemaObjectsTable extends OfUnit {
  objectId: string;
  kind: KnownObject['kind'];
  name: string;
  nameKey: string;
  sqlName: string | null;
  parentId: string | null;
  description: string | null;
  rowCount: number | null;
  details: JsonColumn<Details>;
  columns: JsonColumn<KnownColumn[] | null>;
  columnsReadAt: Date | null;
  readNo: number;
  search: string;
}

export interface SchemaReadsTable extends OfUnit {
  readNo: Generated<number>;
  readAt: Date | null;
  readingSince: Date | null;
  objects: Generated<number>;
  cut: string | null;
  failure: JsonColumn<QueryFailureFacts | null>;
  changes: JsonColumn<{ added: number; removed: number; changed: number; names: string[] } | null>;
}

/** What a reading found other than the one before. */
export interface SchemaChangesTable extends OfUnit {
  id: string;
  readNo: number;
  at: Generated<Date>;
  objectId: string;
  name: string;
  what: SchemaChange['what'];
  columns: JsonColumn<SchemaChange['columns']>;
  tags: JsonColumn<SchemaChange['tags']>;
}
