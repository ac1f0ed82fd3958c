import { sql } from 'kysely';
import type { DeliveryOutcome } from '#contracts/queries/delivery.ts';
import { type CleanupResult, type QueryColumn, type Remark, type RunRef } from '#contracts/queries/engine.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { type PhaseName, phaseNames } from '#contracts/queries/phases.ts';
import { assetsOf } from '#contracts/queries/remote-assets.ts';
import { idleRowsMs, mostRowsMs } from '#contracts/queries/run-query.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** What is new about a run; what is left out stays. */
export interface QueryMove {
  phase?: PhaseName;
  ref?: RunRef;
  isAdopted?: boolean;
  rowCount?: number | null;
  columns?: readonly QueryColumn[] | null;
  remarks?: readonly Remark[];
  note?: string | null;
  failure?: QueryFailureFacts | null;
  expiresAt?: string | null;
  /** Takes the place of what was said before of the same delivery. */
  delivery?: DeliveryOutcome;
  /** Counts while the run is open alone: whoever still looks at one that was ended has nothing to say of its end. */
  isWhileOpen?: boolean;
}

const orderOf = (phase: PhaseName): number => phaseNames.indexOf(phase);
const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/**
 * Writes what is new about a run and tells it as `query.progress`. Phases only go forward, so a late word of an earlier
 * attempt changes none. Repeatable.
 */
export async function moveQueryRun(tx: TenantTx, runId: string, move: QueryMove): Promise<void> {
  const run = await tx
    .selectFrom('queryRuns')
    .select(['phase', 'phases', 'rowCount', 'createdAt', 'connectionId', 'deliveries'])
    .where('runId', '=', runId)
    .forUpdate()
    .executeTakeFirst();
  if (!run) return;
  if (move.isWhileOpen) {
    const open = tx.selectFrom('runs').select('id').where('id', '=', runId).where('endedAt', 'is', null);
    if (!(await open.executeTakeFirst())) return;
  }
  const now = new Date();
  const { phase = run.phase, ref, isAdopted, rowCount, columns, remarks, note, failure, expiresAt, delivery } = move;
  const isForward = orderOf(phase) > orderOf(run.phase);
  const phases = run.phases.map((one, index) =>
    index === run.phases.length - 1 ? { ...one, endedAt: now.toISOString() } : one,
  );
  const changed = {
    ...(isForward && {
      phase,
      phases: JSON.stringify([...phases, { name: phase, startedAt: now.toISOString(), endedAt: null }]),
    }),
    ...(ref && { ref: JSON.stringify(ref) }),
    ...(isAdopted && { isAdopted: true }),
    ...(rowCount !== undefined && rowCount !== null && { rowCount }),
    ...(columns !== undefined && columns !== null && { columns: JSON.stringify(columns) }),
    ...(remarks !== undefined && { remarks: JSON.stringify(remarks) }),
    ...(note !== undefined && { note }),
    ...(failure !== undefined && { failure: json(failure) }),
    ...(expiresAt !== undefined && { expiresAt: expiresAt === null ? null : new Date(expiresAt) }),
    ...(delivery && {
      deliveries: JSON.stringify(
        [...run.deliveries.filter(({ index }) => index !== delivery.index), delivery].sort((a, b) => a.index - b.index),
      ),
    }),
    ...(phase === 'closed' && { closedAt: sql<Date>`coalesce(closed_at, now())` }),
  };
  // An attempt that is repeated may have nothing new to say.
  if (Object.keys(changed).length > 0)
    await tx.updateTable('queryRuns').set(changed).where('runId', '=', runId).execute();
  const rows = rowCount ?? run.rowCount;
  if (!isForward && rows === run.rowCount && !delivery) return;
  await appendEvent(tx, {
    type: 'query.progress',
    subject: `run:${runId}`,
    runId,
    data: {
      phase: isForward ? phase : run.phase,
      rows,
      elapsed: now.getTime() - run.createdAt.getTime(),
      connectionId: run.connectionId,
    },
  });
}

/** Says of deliveries that were on their way when their run ended that they did not arrive, as far as anybody knows. */
export async function endDeliveries(tx: TenantTx, runId: string): Promise<void> {
  const failure = {
    code: 'cut_off',
    message: 'The run ended while this delivery was on its way.',
    hint: 'Ask the receiver whether it arrived, or run the query again.',
  };
  await sql`update query_runs set deliveries = (select coalesce(jsonb_agg(case when one->>'state' = 'delivering'
      then one || ${JSON.stringify({ state: 'failed', failure, endedAt: new Date().toISOString() })}::jsonb else one end
      order by one->'index'), '[]') from jsonb_array_elements(deliveries) one)
    where run_id = ${runId} and deliveries @> '[{"state":"delivering"}]'`.execute(tx);
}

/** Stores a reference and puts what goes by it on record as being at the service. */
export async function noteQueryRef(
  tx: TenantTx,
  run: { runId: string; connectionId: string; unit: string | null },
  ref: RunRef,
): Promise<void> {
  const assets = assetsOf(ref);
  await Promise.all([
    tx
      .updateTable('queryRuns')
      .set({ ref: JSON.stringify(ref), ...(assets.length > 0 && { cleanupState: 'kept' as const }) })
      .where('runId', '=', run.runId)
      .execute(),
    assets.length > 0 &&
      tx
        .insertInto('remoteAssets')
        .values(
          assets.map(({ kind, name }) => ({
            runId: run.runId,
            kind,
            name,
            connectionId: run.connectionId,
            engine: ref.engine,
            unit: run.unit ?? '',
            ref: JSON.stringify(ref),
            dueAt: new Date(Date.now() + mostRowsMs),
          })),
        )
        .onConflict((conflict) =>
          conflict.columns(['workspaceId', 'runId', 'kind', 'name']).doUpdateSet({ ref: JSON.stringify(ref) }),
        )
        .execute(),
  ]);
}

/**
 * Sets when what a run has at its service is due to go: now · `ended`: a while from now, unless somebody reads it · `idle`:
 * nobody has read it for a while, and no sooner than was said before · `linked`: as late as may be, for it is to be fetched.
 */
export async function dueAssets(tx: TenantTx, runId: string, when: 'now' | 'ended' | 'idle' | 'linked'): Promise<void> {
  const last = sql<Date>`created_at + make_interval(secs => ${mostRowsMs / 1000})`;
  const aWhile = sql<Date>`least(${last}, now() + make_interval(secs => ${idleRowsMs / 1000}))`;
  const due = {
    now: sql<Date>`now()`,
    ended: aWhile,
    idle: sql<Date>`greatest(due_at, ${aWhile})`,
    linked: last,
  }[when];
  await tx
    .updateTable('remoteAssets')
    .set({ dueAt: due })
    .where('runId', '=', runId)
    // A page a second must not write a row a second.
    .$if(when === 'idle', (update) => update.where(sql<boolean>`abs(extract(epoch from due_at - ${due})) > 60`))
    .execute();
}

/**
 * Writes what a cleanup did. What stays comes up again, later each time.
 * @param isFinal rows cannot be read any more
 */
export async function noteCleanup(
  tx: TenantTx,
  runId: string,
  { removed, left }: CleanupResult,
  isFinal: boolean,
): Promise<void> {
  let gone = 0;
  for (const { kind, name } of removed) {
    const { numDeletedRows } = await tx
      .deleteFrom('remoteAssets')
      .where('runId', '=', runId)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .executeTakeFirst();
    gone += Number(numDeletedRows);
  }
  for (const { kind, name, failure } of left)
    await tx
      .updateTable('remoteAssets')
      .set({
        failure: JSON.stringify(failure),
        attempts: sql<number>`attempts + 1`,
        dueAt: sql<Date>`now() + make_interval(secs => least(3600, 30 * power(2, least(attempts, 7))))`,
      })
      .where('runId', '=', runId)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .execute();
  const rest = await tx
    .selectFrom('remoteAssets')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('runId', '=', runId)
    .executeTakeFirstOrThrow();
  if (gone === 0 && left.length === 0 && !isFinal) return;
  await tx
    .updateTable('queryRuns')
    .set({
      removedCount: sql<number>`removed_count + ${gone}`,
      leftCount: left.length,
      cleanupState: sql<'done'>`case when ${left.length}::int > 0 then 'left' when ${rest.count}::int > 0 then 'kept'
        when removed_count + ${gone} > 0 then 'done' else 'nothing' end`,
      cleanedAt: sql<Date>`now()`,
    })
    .where('runId', '=', runId)
    .execute();
  if (isFinal && rest.count === 0) await moveQueryRun(tx, runId, { phase: 'closed' });
}

/** What could not be removed now comes up again, later each time. */
export async function postponeAssets(tx: TenantTx, runId: string, failure: QueryFailureFacts | null): Promise<void> {
  await tx
    .updateTable('remoteAssets')
    .set({
      attempts: sql<number>`attempts + 1`,
      dueAt: sql<Date>`now() + make_interval(secs => least(3600, 30 * power(2, least(attempts, 7))))`,
      ...(failure && { failure: JSON.stringify(failure) }),
    })
    .where('runId', '=', runId)
    .execute();
}

/** Takes what a run left off the record: nobody of ours can reach it any more. */
export async function forgetAssets(tx: TenantTx, runId: string): Promise<void> {
  await tx.deleteFrom('remoteAssets').where('runId', '=', runId).execute();
}

/** The same for all runs of a connection that is left. */
export async function forgetAssetsOf(tx: TenantTx, connectionId: string): Promise<void> {
  await tx.deleteFrom('remoteAssets').where('connectionId', '=', connectionId).execute();
}
