import type { ColumnType, Generated } from 'kysely';
import type { WebhookDedup, WebhookSignature } from '#contracts/hooks/webhooks.ts';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import type { EndedStatus } from '#contracts/runs/status.ts';

export interface HooksTables {
  webhooks: WebhooksTable;
  webhookTokens: WebhookTokensTable;
  webhookCalls: WebhookCallsTable;
  webhookKeys: WebhookKeysTable;
  runTriggers: RunTriggersTable;
  runTriggerFirings: RunTriggerFiringsTable;
}

export interface WebhooksTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  description: string;
  targetId: string;
  targetVersion: number | null;
  enabled: boolean;
  signature: ColumnType<WebhookSignature | null, string | null, string | null>;
  sealedSecret: string | null;
  dedup: ColumnType<WebhookDedup | null, string | null, string | null>;
  inputs: ColumnType<Record<string, string>, string, string>;
  sizeLimit: number;
  rateLimit: number;
  waitMs: number | null;
  lastCallAt: Date | null;
  version: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}

export interface WebhookTokensTable {
  workspaceId: Generated<string>;
  id: string;
  webhookId: string;
  tokenHash: string;
  /** The last characters, so that people can tell two apart. */
  hint: string;
  createdAt: Generated<Date>;
  lastUsedAt: Date | null;
}

export interface WebhookCallsTable {
  workspaceId: Generated<string>;
  id: string;
  webhookId: string;
  at: Generated<Date>;
  method: string;
  address: string;
  status: number;
  outcome: string;
  message: string | null;
  details: ColumnType<Json | null, string | null, string | null>;
  runId: string | null;
  dedupKey: string | null;
  bytes: number;
  headers: ColumnType<Record<string, string>, string, never>;
  query: ColumnType<Record<string, string>, string, never>;
  /** The body as it came, sealed, where it was no larger than what is kept. */
  sealedBody: string | null;
  replayOf: string | null;
}

export interface WebhookKeysTable {
  workspaceId: Generated<string>;
  webhookId: string;
  keyHash: string;
  runId: string;
  expiresAt: Date;
}

export interface RunTriggersTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  playbooks: string[];
  statuses: EndedStatus[];
  condition: string | null;
  targetId: string;
  targetVersion: number | null;
  inputs: ColumnType<Record<string, string>, string, string>;
  enabled: boolean;
  version: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}

export interface RunTriggerFiringsTable {
  workspaceId: Generated<string>;
  triggerId: string;
  endedRunId: string;
  status: 'pending' | 'started' | 'failed' | 'passed';
  /** How many triggers in a row led here. */
  depth: number;
  runId: string | null;
  error: ColumnType<RunError | null, string | null, string | null>;
  at: Generated<Date>;
}
