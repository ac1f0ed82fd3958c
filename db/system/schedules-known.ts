import type { SystemTx } from '../kit/database.ts';

export interface KnownSchedule {
  workspaceId: string;
  id: string;
  version: number;
  syncedVersion: number;
  deletedAt: Date | null;
}

/** Every schedule of every workspace: which there are, and whether Temporal was told of their last change. */
export const knownSchedules = (tx: SystemTx): Promise<KnownSchedule[]> =>
  tx.selectFrom('schedules').select(['workspaceId', 'id', 'version', 'syncedVersion', 'deletedAt']).execute();
