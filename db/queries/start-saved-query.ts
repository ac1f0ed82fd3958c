import type { ActorRef } from '#contracts/kit/schemas.ts';
import { type PreparedRun, prepareRun } from '#contracts/queries/prepare-run.ts';
import type { QueryBody } from '#contracts/queries/saved-queries.ts';
import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import type { RunTrigger } from '#contracts/runs/status.ts';
import type { QueryTarget } from '#contracts/schedules/targets.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { type RunRef, newRunId } from '../runs/insert-run.ts';
import { type ConnectionOfQuery, readConnectionOf, readUnitOf } from './connection-of.ts';
import { insertQueryRun } from './insert-query-run.ts';
import { mustMayQuery } from './query-rules.ts';
import { readVersion } from './saved-queries.ts';

export interface SavedQueryToRun {
  name: string;
  version: number;
  body: QueryBody;
  connection: ConnectionOfQuery;
  unit: { id: string; name: string } | null;
  prepared: Extract<PreparedRun, { ok: true }>;
}

/**
 * Reads a saved query with its connection and unit, and resolves its parameters, for somebody who is not there when it runs.
 * @param ownerId whose private queries may be taken; null: those of the workspace alone
 * @param now what relative dates count from, milliseconds since 1970
 * @throws Refusal `schedule.target_unknown`, `schedule.version_unknown`, `query.connection_unknown`,
 *   `connection.disconnecting`, `connection.unit_unknown`, `query.act_forbidden`, `query.parameter_invalid`
 */
export async function readSavedQueryToRun(
  tx: TenantTx,
  target: QueryTarget,
  { ownerId, now }: { ownerId: string | null; now: number },
): Promise<SavedQueryToRun> {
  const query = await tx
    .selectFrom('queries')
    .select(['name', 'version', 'sharing', 'ownerId', 'folder'])
    .where('id', '=', target.id)
    .executeTakeFirst();
  if (!query || (query.sharing === 'private' && query.ownerId !== ownerId))
    throw new Refusal('schedule.target_unknown');
  const version = target.version ?? query.version;
  const found = await readVersion(tx, target.id, version);
  if (!found) throw new Refusal('schedule.version_unknown', { version });
  const { body } = found;
  const connectionId = target.connectionId ?? body.connectionId;
  const connection = connectionId ? await readConnectionOf(tx, connectionId) : undefined;
  if (!connection || connection.kind !== body.engine) throw new Refusal('query.connection_unknown');
  if (connection.state === 'disconnecting') throw new Refusal('connection.disconnecting', { name: connection.name });
  // The unit that it was saved with is one of the connection that it was saved with.
  const wanted = target.unit ?? (target.connectionId ? undefined : body.unit) ?? undefined;
  const unit = await readUnitOf(tx, connection, wanted);
  if (unit === undefined) throw new Refusal('connection.unit_unknown', { unit: wanted ?? '(none was named)' });
  // Whose schedule it is may have been told meanwhile not to run queries here, or to take no rows out.
  if (ownerId !== null) {
    const owner = { kind: 'user', id: ownerId } as const;
    const place = { connectionId: connection.id, unit: unit?.id, folder: query.folder };
    await mustMayQuery(tx, owner, 'run', place);
    if ((target.after?.deliveries.length ?? 0) > 0) await mustMayQuery(tx, owner, 'export', place);
  }
  const prepared = prepareRun({
    engine: connection.kind,
    sql: body.sql,
    parameterDefs: body.parameters,
    given: target.parameters,
    timeWindow: target.timeWindow ?? null,
    options: body.options,
    now,
  });
  if (!prepared.ok) {
    const [first] = prepared.faults;
    throw new Refusal('query.parameter_invalid', { name: first?.parameter ?? '', why: first?.message ?? '' });
  }
  return { name: query.name, version, body, connection, unit, prepared };
}

/** Writes the run of a saved query. The caller starts those of `admitted`, after the commit. @throws Refusal as above */
export async function startSavedQuery(
  tx: TenantTx,
  vault: Vault,
  {
    workspaceId,
    target,
    ownerId,
    at,
    trigger,
    triggerId,
    actor,
  }: {
    workspaceId: string;
    target: QueryTarget;
    ownerId: string | null;
    at: Date;
    trigger: RunTrigger;
    triggerId: string;
    actor: ActorRef;
  },
): Promise<{ runId: string; admitted: RunRef[]; input: RunQueryInput }> {
  const { name, version, body, connection, unit, prepared } = await readSavedQueryToRun(tx, target, {
    ownerId,
    now: at.getTime(),
  });
  return insertQueryRun(tx, vault, {
    workspaceId,
    id: newRunId(),
    connection,
    unit,
    title: name,
    sql: body.sql,
    parameterDefs: body.parameters,
    parameters: prepared.parameters,
    timeWindow: target.timeWindow ?? null,
    options: prepared.options,
    columns: null,
    query: { id: target.id, version },
    after: target.after,
    trigger,
    triggerId,
    actor,
  });
}
