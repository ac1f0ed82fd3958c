import type { ColumnType, Generated } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';

export interface AuditTables {
  auditEntries: AuditEntriesTable;
}

/** Append-only: no role but the owner may change or remove an entry. */
export interface AuditEntriesTable {
  workspaceId: Generated<string>;
  id: string;
  at: Generated<Date>;
  actor: ColumnType<ActorRef, string, never>;
  actorId: string | null;
  action: string;
  subject: string | null;
  title: string | null;
  before: ColumnType<Json, string | null, never>;
  after: ColumnType<Json, string | null, never>;
  address: string | null;
  requestId: string | null;
}
