import { sql } from 'kysely';
import type { QueryRunDetail, QueryRunFilter, QueryRunSummary } from '#contracts/queries/query-runs.ts';
import { type RunStatus, runStatuses } from '#contracts/runs/status.ts';
import { isId } from '../kit/is-id.ts';
import { contains } from '../kit/like.ts';
import type { TenantTx } from '../kit/database.ts';
import { selectDetails, selectSummaries, toDetail, toSummary } from './query-run-rows.ts';
import { linesOf } from './query-queue.ts';

export interface QueryRunPage {
  data: QueryRunSummary[];
  pagination: { limit: number; nextCursor: string | null };
}

/** The history, newest first; ids are ordered by time, so an id is a cursor. */
export async function listQueryRuns(
  tx: TenantTx,
  { q, connection, unit, query, status, actor, cursor, limit }: QueryRunFilter,
  actorId: string,
): Promise<QueryRunPage> {
  const before = cursor !== undefined && isId(cursor) ? cursor : null;
  const statuses =
    status?.filter((word): word is RunStatus => (runStatuses as readonly string[]).includes(word)) ?? null;
  const words = q?.trim().toLowerCase();
  let runs = selectSummaries(tx);
  let isMore: boolean | undefined;
  if (words) {
    // The index is asked by a function of the owner's: see migration 0014.
    const found = sql<{ id: string }>`select id from windlass_find_query_runs(${contains(words)}, ${before}::uuid,
      ${connection ?? null}::uuid, ${unit ?? null}::text, ${query ?? null}::uuid, ${statuses}::text[],
      ${actor === 'me' ? actorId : null}::uuid, ${limit + 1}::integer) as found(id)`;
    const ids = (await found.execute(tx)).rows.map(({ id }) => id);
    if (ids.length === 0) return { data: [], pagination: { limit, nextCursor: null } };
    isMore = ids.length > limit;
    runs = runs.where('q.runId', 'in', ids.slice(0, limit));
  } else {
    if (before) runs = runs.where('q.runId', '<', before);
    if (connection !== undefined) runs = runs.where('q.connectionId', '=', connection);
    if (unit !== undefined) runs = runs.where('q.unit', '=', unit);
    if (query !== undefined) runs = runs.where('q.queryId', '=', query);
    if (statuses) runs = runs.where('r.status', 'in', statuses.length > 0 ? statuses : ['' as RunStatus]);
    if (actor === 'me') runs = runs.where('r.actorId', '=', actorId);
  }
  const rows = await runs
    .orderBy('q.runId', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const goesOn = isMore ?? rows.length > limit;
  return {
    data: page.map(toSummary),
    pagination: { limit, nextCursor: goesOn ? (page.at(-1)?.runId ?? null) : null },
  };
}

/** One execution. @returns null where there is none, or it is of a unit that the transaction may not see */
export async function readQueryRun(tx: TenantTx, runId: string): Promise<QueryRunDetail | null> {
  const row = await selectDetails(tx).where('q.runId', '=', runId).executeTakeFirst();
  if (!row) return null;
  const isWaiting = row.status === 'queued' && row.admittedAt === null;
  const [line, due] = await Promise.all([
    isWaiting ? linesOf(tx, row.connectionId) : null,
    tx
      .selectFrom('remoteAssets')
      .select(({ fn }) => fn.min('dueAt').as('dueAt'))
      .where('runId', '=', runId)
      .executeTakeFirst(),
  ]);
  const own = line?.get(runId);
  return toDetail(row, {
    place: own?.place ?? null,
    expectedStartAt: own?.expectedStartAt ?? null,
    dueAt: due?.dueAt ?? null,
  });
}
