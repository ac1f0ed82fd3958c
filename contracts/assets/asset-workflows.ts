import type { ActorRef } from '../kit/schemas.ts';

/** Names that API, activities and workflows share; without zod, which every workflow would evaluate for itself. */
export const ImportAssets = { type: 'importAssets', kind: 'asset_import', taskQueue: 'main' } as const;
export interface ImportAssetsInput {
  workspaceId: string;
  runId: string;
  importId: string;
  /** `read` says what the file would do; then, where that was asked for, it is done in the same run. */
  act: 'read' | 'apply' | 'undo';
  thenApply: boolean;
  allOrNothing: boolean;
}
export const DiscoverAssets = {
  type: 'discoverAssets',
  kind: 'asset_discovery',
  taskQueue: 'main',
  hostQueue: 'ssh',
} as const;
export interface DiscoverAssetsInput {
  workspaceId: string;
  runId: string;
  actor: ActorRef;
  servers: { id: string; name: string }[];
}
