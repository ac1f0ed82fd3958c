import type { Generated } from 'kysely';

export interface SystemTables {
  instance: InstanceTable;
  vaultKeys: VaultKeysTable;
  idempotencyKeys: IdempotencyKeysTable;
  systemNotes: SystemNotesTable;
}

/** One row: what this installation is. */
export interface InstanceTable {
  one: Generated<boolean>;
  /** Part of every event cursor; changed when a backup is restored, so that old cursors are refused. */
  epoch: string;
  createdAt: Generated<Date>;
  /** A known text sealed by the master key, to tell a wrong key at the start. */
  keyCheck: string | null;
}

/** Data keys of workspaces, wrapped by the master key. `scope` is a workspace's id or `instance`. */
export interface VaultKeysTable {
  id: string;
  scope: string;
  purpose: string;
  wrapped: string;
  createdAt: Generated<Date>;
  retiredAt: Date | null;
}

export interface IdempotencyKeysTable {
  workspaceId: Generated<string>;
  route: string;
  key: string;
  bodyHash: string;
  /** The id of what the request starts, chosen before it is started. */
  reservedId: string;
  status: number | null;
  answer: unknown;
  createdAt: Generated<Date>;
}

/** Notes that machinery leaves for itself between passes: last sweep, last retention. */
export interface SystemNotesTable {
  name: string;
  value: unknown;
  at: Generated<Date>;
}
