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

/** Queries that are at work now, over all workspaces. */
export async function countActiveQueries(system: Db): Promise<number> {
  const { count } = await system
    .selectFrom('runs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('endedAt', 'is', null)
    .where('kind', '=', 'query')
    .where('status', '=', 'running')
    .executeTakeFirstOrThrow();
  return count;
}
