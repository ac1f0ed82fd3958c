import type { ColumnType, Generated } from 'kysely';
import type { AttributeDef, AttributeValue } from '#contracts/assets/asset-types.ts';
import type { AttributeSource } from '#contracts/assets/assets.ts';
import type { ImportAct, ImportCounts, ImportStatus } from '#contracts/assets/imports.ts';
import type { AssetState, Criticality } from '#contracts/assets/lifecycle.ts';
import type { WantedAsset } from '#contracts/assets/read-file.ts';
import type { RelationKind } from '#contracts/assets/relations.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';

export interface AssetsTables {
  assetTypes: AssetTypesTable;
  assets: AssetsTable;
  assetRelations: AssetRelationsTable;
  assetChanges: AssetChangesTable;
  assetTerms: AssetTermsTable;
  assetImports: AssetImportsTable;
  assetImportRows: AssetImportRowsTable;
}

interface Versioned {
  workspaceId: Generated<string>;
  id: string;
  version: Generated<number>;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  updatedAt: Generated<Date>;
}
export interface AssetTypesTable extends Versioned {
  key: string;
  name: string;
  description: string;
  icon: string;
  attributes: ColumnType<AttributeDef[], string, string>;
}
export interface AssetsTable extends Versioned {
  typeId: string;
  key: string;
  name: string;
  nameKey: string;
  search: ColumnType<string, never, never>;
  description: string;
  attributes: ColumnType<Record<string, AttributeValue>, string, string>;
  attributeSources: ColumnType<Record<string, AttributeSource>, string, string>;
  tags: string[];
  ownerId: string | null;
  ownerTeam: string | null;
  criticality: Criticality;
  state: AssetState;
  serverId: string | null;
  discoveredAt: Date | null;
}
export interface AssetRelationsTable {
  workspaceId: Generated<string>;
  id: string;
  kind: RelationKind;
  fromId: string;
  toId: string;
  note: string;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  /** Whose failure hits `hitId`, by the kind; null where none does. */
  causeId: ColumnType<string | null, never, never>;
  hitId: ColumnType<string | null, never, never>;
}
/** One field that has changed; `source` is who had written an attribute before, for taking it back. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
  source?: AttributeSource | null;
}
export interface AssetChangesTable {
  workspaceId: Generated<string>;
  assetId: string;
  id: string;
  at: Generated<Date>;
  actor: ColumnType<ActorRef, string, never>;
  act: string;
  source: AttributeSource;
  runId: string | null;
  /** Changes of many that are taken back together. */
  batchId: string | null;
  undoneAt: Date | null;
  /** The asset's, after the change. */
  version: number;
  changes: ColumnType<FieldChange[], string, never>;
}
/** `t:prod`, `a:os.name=debian`: kept by a trigger. */
export interface AssetTermsTable {
  workspaceId: Generated<string>;
  term: string;
  nameKey: string;
  assetId: string;
}
export interface AssetImportsTable {
  workspaceId: Generated<string>;
  id: string;
  artifactId: string | null;
  fileName: string;
  format: 'csv' | 'json';
  matchBy: 'key' | 'name';
  allOrNothing: boolean;
  status: ImportStatus;
  counts: ColumnType<Partial<ImportCounts>, string | undefined, string>;
  failure: ColumnType<{ code: string; message: string } | null, string, string>;
  /** The runs that read the file, did what it says, and took it back. */
  planRunId: string | null;
  applyRunId: string | null;
  undoRunId: string | null;
  createdBy: ColumnType<ActorRef, string, never>;
  createdAt: Generated<Date>;
  endedAt: Date | null;
}
export interface AssetImportRowsTable {
  workspaceId: Generated<string>;
  importId: string;
  line: number;
  key: string;
  name: string;
  act: ImportAct;
  assetId: string | null;
  assetVersion: number | null;
  wanted: ColumnType<WantedAsset, string, never>;
  changes: ColumnType<FieldChange[], string, string>;
  errors: ColumnType<{ field: string | null; message: string }[], string, string>;
  state: 'planned' | 'applied' | 'refused' | 'undone' | 'kept';
}
