import { sql } from 'kysely';
import type { ConnectionLoad, QueryRunSummary, RemoteAssetRow } from '#contracts/queries/query-runs.ts';
import type { TenantTx } from '../kit/database.ts';
import { seeingAll } from '../kit/in-tenant.ts';
import { selectSummaries, toSummary } from './query-run-rows.ts';

interface InLine {
  place: number;
  expectedStartAt: Date | null;
}

/**
 * Where each run stands that waits for a slot of this connection, first come, first served. The expected start goes by how
 * long the last queries there took; null while none has ended.
 */
export async function linesOf(tx: TenantTx, connectionId: string): Promise<Map<string, InLine>> {
  // Who waits before one is everybody; whose it is, nobody is told.
  const { rows } = await seeingAll(tx, () =>
    sql<{ id: string; place: number; limit: number; meanMs: number | null }>`
    select id, place::int as place, "limit", (select avg(extract(epoch from ended_at - started_at) * 1000)::float8 from (
        select ended_at, started_at from runs where kind = 'query' and subject_id = ${connectionId} and status = 'succeeded'
        order by id desc limit 20) last) as "meanMs"
    from (select id, coalesce(concurrency_limit, 1) as "limit", row_number() over (partition by concurrency_key order by id) as place
      from runs where kind = 'query' and subject_id = ${connectionId} and status = 'queued' and admitted_at is null and ended_at is null) line
    order by place limit 1000`.execute(tx),
  );
  const now = Date.now();
  return new Map(
    rows.map(({ id, place, limit, meanMs }) => [
      id,
      { place, expectedStartAt: meanMs === null ? null : new Date(now + Math.ceil(place / limit) * meanMs) },
    ]),
  );
}

/** So many of a connection are shown. */
const mostFailed = 10;
const failedForMs = 24 * 3_600_000;

/** The least id that a run of this time can have: ids are ordered by time, and their key bounds what is read. */
const idAt = (ms: number): string =>
  ms
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})(.{4})$/, '$1-$2-7000-8000-000000000000');

/** What did not end well lately and was not run again since, newest first. */
async function lastFailed(tx: TenantTx): Promise<QueryRunSummary[]> {
  const rows = await selectSummaries(tx)
    .where('q.runId', '>=', idAt(Date.now() - failedForMs))
    .where('r.id', '>=', idAt(Date.now() - failedForMs))
    .where('r.status', 'in', ['failed', 'timed_out'])
    .orderBy('q.runId', 'desc')
    .limit(200)
    .execute();
  const oldest = rows.at(-1);
  if (!oldest) return [];
  const again = await tx
    .selectFrom('runs')
    .select('rerunOf')
    .where('id', '>', oldest.runId)
    .where('kind', '=', 'query')
    .where(
      'rerunOf',
      'in',
      rows.map(({ runId }) => runId),
    )
    .execute();
  const answered = new Set(again.map(({ rerunOf }) => rerunOf));
  return rows.filter(({ runId }) => !answered.has(runId)).map(toSummary);
}

/** What runs and waits by connection, those with work first, and what of ours is at the services. */
export async function readQueryQueue(tx: TenantTx): Promise<ConnectionLoad[]> {
  const connections = await tx
    .selectFrom('connections')
    .select(['id', 'name', 'kind', 'slots'])
    .orderBy('name')
    .execute();
  const open = (await selectSummaries(tx).where('r.endedAt', 'is', null).orderBy('q.runId').limit(1_000).execute()).map(
    toSummary,
  );
  const failed = await lastFailed(tx);
  const drains = await tx.selectFrom('queueDrains').selectAll().where('queue', 'like', 'connection:%').execute();
  const assets = await tx
    .selectFrom('remoteAssets')
    .select(({ fn }) => ['connectionId', fn.countAll<number>().as('count'), fn.min('createdAt').as('oldest')])
    .groupBy('connectionId')
    .execute();
  const budgets = await tx
    .selectFrom('connectionBudgets')
    .select([
      'connectionId',
      sql<number>`sum(case when minute = date_trunc('minute', now()) then last_calls + calls
        when minute = date_trunc('minute', now()) - interval '1 minute' then calls else 0 end)::int`.as('calls'),
      sql<number>`sum(case when minute = date_trunc('minute', now()) then last_throttled + throttled
        when minute = date_trunc('minute', now()) - interval '1 minute' then throttled else 0 end)::int`.as(
        'throttled',
      ),
    ])
    .groupBy('connectionId')
    .execute();
  const loads: ConnectionLoad[] = [];
  for (const { id, name, kind, slots } of connections) {
    const own = open.filter(({ connectionId }) => connectionId === id);
    const waiting = own.filter(({ status }) => status === 'queued');
    const line = waiting.length > 0 ? await linesOf(tx, id) : new Map<string, InLine>();
    const lines = new Map<string, ConnectionLoad['lines'][number]>();
    for (const run of own) {
      const unit = kind === 'amc' ? run.unit : null;
      const one = lines.get(unit ?? '') ?? { unit, unitName: unit && run.unitName, running: 0, waiting: 0 };
      one[run.status === 'queued' ? 'waiting' : 'running'] += 1;
      lines.set(unit ?? '', one);
    }
    const drain = drains.find(({ queue }) => queue === `connection:${id}`);
    const asset = assets.find(({ connectionId }) => connectionId === id);
    const budget = budgets.find(({ connectionId }) => connectionId === id);
    loads.push({
      connectionId: id,
      connectionName: name,
      engine: kind,
      slots,
      running: own.filter(({ status }) => status !== 'queued'),
      waiting: waiting.map((run) => ({
        ...run,
        queuePlace: line.get(run.runId)?.place ?? 0,
        // Of a drained connection nobody knows when.
        expectedStartAt: drain ? null : (line.get(run.runId)?.expectedStartAt?.toISOString() ?? null),
      })),
      failed: failed.filter(({ connectionId }) => connectionId === id).slice(0, mostFailed),
      lines: [...lines.values()],
      drain: drain ? { by: drain.drainedBy, at: drain.drainedAt.toISOString(), reason: drain.reason } : null,
      calls: budget?.calls ?? 0,
      throttled: budget?.throttled ?? 0,
      temporaryAssets: asset?.count ?? 0,
      oldestAssetAt: asset?.oldest.toISOString() ?? null,
    });
  }
  return loads.toSorted((a, b) => b.running.length + b.waiting.length - (a.running.length + a.waiting.length));
}

/** What of ours exists at the services, newest first. */
export async function listRemoteAssets(
  tx: TenantTx,
  { connection, cursor, limit }: { connection?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ data: RemoteAssetRow[]; pagination: { limit: number; nextCursor: string | null } }> {
  const [runId, kind] = (cursor ?? '').split('/');
  let assets = tx
    .selectFrom('remoteAssets as a')
    .leftJoin('runs as r', (join) => join.onRef('r.workspaceId', '=', 'a.workspaceId').onRef('r.id', '=', 'a.runId'))
    .selectAll('a')
    .select('r.actor');
  if (connection !== undefined) assets = assets.where('a.connectionId', '=', connection);
  if (runId && kind) assets = assets.where(sql<boolean>`(a.run_id::text, a.kind) < (${runId}, ${kind})`);
  const rows = await assets
    .orderBy(sql`a.run_id::text`, 'desc')
    .orderBy('a.kind', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((asset) => ({
      connectionId: asset.connectionId,
      unit: asset.unit === '' ? null : asset.unit,
      runId: asset.runId,
      madeBy: asset.actor,
      kind: asset.kind,
      name: asset.name,
      createdAt: asset.createdAt.toISOString(),
      dueAt: asset.dueAt.toISOString(),
      failure: asset.failure,
    })),
    pagination: { limit, nextCursor: rows.length > limit && last ? `${last.runId}/${last.kind}` : null },
  };
}
