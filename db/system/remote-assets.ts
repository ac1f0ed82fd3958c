import { sql } from 'kysely';
import type { Db } from '../kit/database.ts';

/** Runs whose things at their services are due to go, longest due first. */
export async function assetsDue(
  system: Db,
  limit: number,
): Promise<{ workspaceId: string; runId: string; connectionId: string }[]> {
  return system
    .selectFrom('remoteAssets')
    .select(['workspaceId', 'runId', 'connectionId'])
    .where('dueAt', '<=', sql<Date>`now()`)
    .groupBy(['workspaceId', 'runId', 'connectionId'])
    .orderBy(({ fn }) => fn.min('dueAt'))
    .limit(limit)
    .execute();
}
