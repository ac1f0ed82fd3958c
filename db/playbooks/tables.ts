import type { ColumnType, Generated } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import type { JsonColumn } from '../runs/tables.ts';

export interface PlaybooksTables {
  playbooks: PlaybooksTable;
  playbookVersions: PlaybookVersionsTable;
  runSecrets: RunSecretsTable;
  runSnapshots: RunSnapshotsTable;
  secretReads: SecretReadsTable;
  artifacts: ArtifactsTable;
  artifactParts: ArtifactPartsTable;
}

export interface PlaybooksTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  description: string | null;
  /** The newest version. */
  version: number;
  stepCount: number;
  inputCount: number;
  tests: ColumnType<Record<string, Json>[], string | undefined, string>;
  updatedAt: Generated<Date>;
  updatedBy: JsonColumn<ActorRef>;
  deletedAt: Date | null;
}

export interface PlaybookVersionsTable {
  workspaceId: Generated<string>;
  playbookId: string;
  version: number;
  definition: ColumnType<Record<string, Json>, string, never>;
  yaml: string;
  note: string | null;
  hash: string;
  author: JsonColumn<ActorRef>;
  createdAt: Generated<Date>;
}

/** Secret inputs of a run, sealed; `name` is the input's. They stay sealed with the run, so that a rerun can carry them. */
export interface RunSecretsTable {
  workspaceId: Generated<string>;
  runId: string;
  name: string;
  sealed: string;
}

/** Where a run was when its execution was renewed; parts of one text, sealed. */
export interface RunSnapshotsTable {
  workspaceId: Generated<string>;
  runId: string;
  part: number;
  sealed: string;
}

/** Which run has read which secret of the workspace, so that the audit log says it once. */
export interface SecretReadsTable {
  workspaceId: Generated<string>;
  runId: string;
  secretId: string;
}

/** A stored file for upload steps. */
export interface ArtifactsTable {
  workspaceId: Generated<string>;
  id: string;
  name: string;
  bytes: Generated<number>;
  sha256: string | null;
  createdBy: JsonColumn<ActorRef>;
  createdAt: Generated<Date>;
  /** When the last of it was written; until then nobody sees it. */
  storedAt: Date | null;
  expiresAt: Date | null;
}

export interface ArtifactPartsTable {
  workspaceId: Generated<string>;
  artifactId: string;
  part: number;
  content: Buffer;
}
