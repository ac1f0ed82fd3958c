import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { AfterQuery } from '#contracts/queries/delivery.ts';
import type { EngineKind, QueryColumn } from '#contracts/queries/engine.ts';
import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import type { ResolvedParameter } from '#contracts/queries/parameters.ts';
import type { TimeWindow } from '#contracts/queries/query-runs.ts';
import { RunQuery, type RunQueryInput, queryLimitMs, slotKeyOf } from '#contracts/queries/run-query.ts';
import type { RunTrigger } from '#contracts/runs/status.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { seeingAll } from '../kit/in-tenant.ts';
import { runInputContext } from '../playbooks/start-playbook-run.ts';
import { type RunRef, insertRun } from '../runs/insert-run.ts';

export interface NewQueryRun {
  workspaceId: string;
  id: string;
  connection: { id: string; name: string; kind: EngineKind; slots: number };
  unit: { id: string; name: string } | null;
  title: string;
  /** As the user wrote it. */
  sql: string;
  parameterDefs: readonly ParameterDef[];
  parameters: readonly ResolvedParameter[];
  timeWindow: TimeWindow | null;
  options: Readonly<Record<string, unknown>>;
  /** Inferred from the text and the schema; engines that tell them themselves need none. */
  columns: readonly QueryColumn[] | null;
  query: { id: string; version: number } | null;
  trigger: RunTrigger;
  triggerId?: string | null;
  /** The run that this one does again. */
  rerunOf?: string | null;
  actor: ActorRef;
  tags?: string[];
  /** What is done with it once it has ended. */
  after?: AfterQuery | null | undefined;
  /** Whose step it is: it waits for a slot of its connection, and takes none of the workspace. */
  parent?: { runId: string; rootRunId: string } | null;
}

/**
 * Writes a query run, admitted where its connection has a free slot. A run of the same id stays as it is.
 * The caller hands `admitted` to the dispatcher after the commit.
 */
export async function insertQueryRun(
  tx: TenantTx,
  vault: Vault,
  run: NewQueryRun,
): Promise<{ runId: string; isNew: boolean; admitted: RunRef[]; input: RunQueryInput }> {
  const { id: runId, connection, unit } = run;
  const input: RunQueryInput = {
    workspaceId: run.workspaceId,
    runId,
    connectionId: connection.id,
    engine: connection.kind,
    unit: unit?.id ?? null,
    limitMs: queryLimitMs,
    inOne: true,
    ...(run.after && { after: { deliveries: run.after.deliveries.length, alerts: run.after.alerts.length } }),
  };
  const sealedInput = await vault.seal(JSON.stringify(input), runInputContext(run.workspaceId, runId));
  // A query's run is seen by what its query says, which is written after it.
  const inserted = await seeingAll(tx, () =>
    insertRun(tx, {
      id: runId,
      kind: RunQuery.kind,
      title: run.title,
      trigger: run.trigger,
      triggerId: run.triggerId ?? null,
      rerunOf: run.rerunOf ?? null,
      actor: run.actor,
      parentRunId: run.parent?.runId ?? null,
      rootRunId: run.parent?.rootRunId ?? runId,
      subject: { kind: 'connection', id: connection.id },
      inputs: { connection: connection.name, ...(unit && { unit: unit.name }) },
      tags: run.tags ?? [],
      workflowType: RunQuery.type,
      taskQueue: RunQuery.taskQueue,
      sealedInput,
      concurrency: { key: slotKeyOf(connection.kind, connection.id, unit?.id ?? null), limit: connection.slots },
    }),
  );
  if (!inserted.isNew) return { runId, isNew: false, admitted: [], input };
  const read = await tx
    .selectFrom('schemaReads')
    .select(['readNo', 'readAt'])
    .where('connectionId', '=', connection.id)
    .where('unit', '=', unit?.id ?? '')
    .where('readAt', 'is not', null)
    .executeTakeFirst();
  await tx
    .insertInto('queryRuns')
    .values({
      runId,
      connectionId: connection.id,
      connectionName: connection.name,
      engine: connection.kind,
      unit: unit?.id ?? '',
      unitName: unit?.name ?? null,
      queryId: run.query?.id ?? null,
      queryVersion: run.query?.version ?? null,
      title: run.title,
      sqlText: run.sql,
      parameterDefs: JSON.stringify(run.parameterDefs),
      parameters: JSON.stringify(run.parameters),
      timeWindow: run.timeWindow && JSON.stringify(run.timeWindow),
      options: JSON.stringify(run.options),
      columns: run.columns && JSON.stringify(run.columns),
      schemaReadNo: read?.readNo ?? null,
      schemaReadAt: read?.readAt ?? null,
      after: run.after ? JSON.stringify(run.after) : null,
      phases: JSON.stringify([{ name: 'queued', startedAt: new Date().toISOString(), endedAt: null }]),
    })
    .execute();
  const isAdmitted = inserted.admitted.some((ref) => ref.id === runId);
  if (!isAdmitted)
    await tx
      .updateTable('runs')
      .set({ waitingFor: 'concurrency' })
      .where('id', '=', runId)
      .where('admittedAt', 'is', null)
      .execute();
  return {
    runId,
    isNew: true,
    admitted: inserted.admitted.map((ref) => (ref.id === runId ? { ...ref, input } : ref)),
    input,
  };
}
