import type { ColumnType, Generated } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { OfferedHostKey, PinnedHostKey } from '#contracts/servers/host-key.ts';
import type { HealthState, ServerCheck, ServerFacts } from '#contracts/servers/servers.ts';
import type { z } from 'zod';

export interface ServersTables {
  credentials: CredentialsTable;
  servers: ServersTable;
  serverChecks: ServerChecksTable;
}

type JsonColumn<T> = ColumnType<T, string | null | undefined, string | null>;

export interface CredentialsTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  /** Where the name sorts naturally. */
  nameKey: string;
  kind: 'ssh_key' | 'password';
  username: string;
  description: Generated<string>;
  publicKey: string | null;
  fingerprint: string | null;
  keyType: string | null;
  /** Sealed by the vault; opened in `connectionOf` alone. */
  sealedPrivateKey: string | null;
  sealedPassphrase: string | null;
  sealedPassword: string | null;
  sealedSudoPassword: string | null;
  lastUsedAt: Date | null;
  rotatedAt: Generated<Date>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
  version: Generated<number>;
}

export interface ServersTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  nameKey: string;
  host: string;
  port: number;
  description: Generated<string>;
  tags: Generated<string[]>;
  credentialId: string | null;
  jumpServerId: string | null;
  pinnedKey: JsonColumn<z.infer<typeof PinnedHostKey> | null>;
  /** Set while the server shows another key than the pinned one. */
  offeredKey: JsonColumn<z.infer<typeof OfferedHostKey> | null>;
  maintenanceSince: Date | null;
  maintenanceUntil: Date | null;
  maintenanceReason: string | null;
  maintenanceBy: JsonColumn<ActorRef | null>;
  health: Generated<HealthState>;
  lastCheck: JsonColumn<ServerCheck | null>;
  facts: ColumnType<ServerFacts, string | undefined, string>;
  /** What lists are sorted by; `db/servers/checks.ts` writes them. -1 and the beginning of time: not known. */
  cpuPercent: Generated<number>;
  memoryPercent: Generated<number>;
  checkedAt: Generated<Date>;
  /** By `health`, the sickest first. */
  healthRank: ColumnType<number, never, never>;
  nextCheckAt: Generated<Date>;
  /** Somebody waits for a check; null again when it was done. */
  checkAskedAt: Date | null;
  /** When old durable commands were last cleared away on it. */
  sweptAt: Date | null;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
  version: Generated<number>;
}

export interface ServerChecksTable {
  workspaceId: Generated<string>;
  serverId: string;
  id: string;
  at: Generated<Date>;
  reachable: boolean;
  health: HealthState;
  latencyMs: number | null;
  code: string | null;
  message: string | null;
}
