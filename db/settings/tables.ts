import type { ColumnType, Generated } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';

export interface SettingsTables {
  settings: SettingsTable;
  workspaceSecrets: WorkspaceSecretsTable;
  variables: VariablesTable;
}

/** One row a workspace, made with it. */
export interface SettingsTable {
  workspaceId: Generated<string>;
  egressAllow: Generated<string[]>;
  hostKeyFirstUse: Generated<boolean>;
  concurrency: Generated<number>;
  retentionDays: Generated<number>;
  alertRetentionDays: Generated<number>;
  auditRetentionDays: Generated<number>;
  legalHold: Generated<boolean>;
  accessTokenMinutes: Generated<number>;
  requireMfa: Generated<boolean>;
  requestsPerMinute: Generated<number>;
  serverCheckMinutes: Generated<number>;
  version: Generated<number>;
  updatedAt: Generated<Date>;
  updatedBy: ColumnType<ActorRef | null, string | null | undefined, string | null>;
}

export interface WorkspaceSecretsTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  sealed: string;
  description: string | null;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
  updatedBy: ColumnType<ActorRef, string, string>;
}

export interface VariablesTable {
  workspaceId: Generated<string>;
  name: string;
  value: ColumnType<Json, string, string>;
  description: string | null;
  updatedAt: Generated<Date>;
  updatedBy: ColumnType<ActorRef, string, string>;
}
