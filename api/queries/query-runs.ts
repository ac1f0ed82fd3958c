import { needsColumns, resultColumns } from '#connectors/engines/result-columns.ts';
import type { RunStarted } from '#contracts/kit/schemas.ts';
import type { QueryColumn, QueryEngine } from '#contracts/queries/engine.ts';
import { bindRun, placedRemark } from '#contracts/queries/prepare-run.ts';
import { queryRunRoutes } from '#contracts/queries/query-runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { insertQueryRun, type NewQueryRun } from '#db/queries/insert-query-run.ts';
import { knownTables } from '#db/queries/known-tables.ts';
import { mustMayQuery, placeOfRun } from '#db/queries/query-rules.ts';
import { listRemoteAssets, readQueryQueue } from '#db/queries/query-queue.ts';
import { listQueryRuns, readQueryRun } from '#db/queries/query-runs.ts';
import type { Actor } from '../kit/actor.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, type Handlers, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { drainConnection, resumeConnection } from './drain-connection.ts';
import { type PreparedQuery, prepareQuery, runTextOf } from './prepare-query.ts';
import { closeRows, readRows, refusalOf } from './rows.ts';
import { prepareAgain } from './prepare-again.ts';
import { sendExport } from './send-export.ts';

export const queryRunRoom = room(queryRunRoutes, (tools): Handlers<typeof queryRunRoutes> => ({
  startQueryRun: (call) => startQueryRun(tools, call),
  dryRunQuery: async ({ actor, body }) => {
    const prepared = await tools.inTenant(actor, (tx) => prepareQuery(tx, body, actor));
    const begunAt = Date.now();
    const engine = await openEngine(tools, actor, prepared);
    const { text, map } = bindRun(runTextOf(prepared), prepared.parameters, prepared.options);
    try {
      const verdict = await engine.validate(text);
      return {
        isValid: verdict.isValid,
        remarks: verdict.remarks.map((remark) => placedRemark(remark, map)),
        columns: verdict.columns ? [...verdict.columns] : await columnsOf(tools, actor, prepared, engine),
        parameters: Object.fromEntries(
          prepared.parameters.map(({ name, value }) => [name, Array.isArray(value) ? value.map(String) : value]),
        ),
        tookMs: Date.now() - begunAt,
      };
    } catch (error) {
      throw refusalOf(error, prepared.connection.name, 'query.refused');
    }
  },
  listQueryRuns: ({ actor, query }) => readTenant(tools.db, actor, (tx) => listQueryRuns(tx, query, actor.id)),
  getQueryRun: async ({ actor, params }) =>
    (await readTenant(tools.db, actor, (tx) => readQueryRun(tx, params.id))) ?? notFound(),
  readQueryRows: (call) => readRows(tools, call.actor, call.params.id, call.query),
  exportQueryRows: async (call) => {
    const { actor, params } = call;
    await readTenant(tools.db, actor, async (tx) => {
      const place = await placeOfRun(tx, params.id);
      if (place) await mustMayQuery(tx, actor, 'export', place);
    });
    return sendExport(tools, call);
  },
  runQueryAgain: (call) => runAgain(tools, call),
  closeQueryRun: async (call) => {
    const { actor, params } = call;
    const noteClosed = (tx: TenantTx, title: string) =>
      recordAudit(tx, { ...auditOrigin(call), action: 'query.closed', subject: `run:${params.id}`, title });
    if (!(await closeRows(tools, actor, params.id, noteClosed))) notFound();
  },
  getQueryQueue: async ({ actor }) => ({ data: await readTenant(tools.db, actor, readQueryQueue) }),
  drainConnection: (call) => drainConnection(tools, call, call.body?.reason || null),
  resumeConnection: (call) => resumeConnection(tools, call),
  listRemoteAssets: ({ actor, query }) => readTenant(tools.db, actor, (tx) => listRemoteAssets(tx, query)),
}));

const notFound = (): never => {
  throw problem('request.not_found');
};

async function openEngine(tools: ApiTools, actor: Actor, { connection, unit }: PreparedQuery): Promise<QueryEngine> {
  try {
    return await tools.engines.open({
      workspaceId: actor.workspaceId,
      connectionId: connection.id,
      unit: unit?.id ?? null,
    });
  } catch (error) {
    throw refusalOf(error, connection.name, 'query.refused');
  }
}

async function startQueryRun(
  tools: ApiTools,
  call: Call<(typeof queryRunRoutes)['startQueryRun']>,
): Promise<RunStarted> {
  const { actor, body } = call;
  const prepared = await tools.inTenant(actor, (tx) => prepareQuery(tx, body, actor));
  return begin(tools, call, { ...prepared, timeWindow: body.timeWindow ?? null });
}

/** The same text with the same values again: what a person wants where a service or a network failed. */
async function runAgain(tools: ApiTools, call: Call<(typeof queryRunRoutes)['runQueryAgain']>): Promise<RunStarted> {
  const { actor, params } = call;
  const prepared = await tools.inTenant(actor, (tx) => prepareAgain(tx, params.id, actor));
  return begin(tools, call, { ...prepared, rerunOf: params.id });
}

/** Writes the run, admitted where its connection has a slot, and starts its workflow. */
async function begin(
  tools: ApiTools,
  call: Pick<Call<(typeof queryRunRoutes)['startQueryRun']>, 'actor' | 'reservedId' | 'request'>,
  prepared: PreparedQuery & Pick<NewQueryRun, 'timeWindow' | 'rerunOf' | 'after'>,
): Promise<RunStarted> {
  const { actor, reservedId } = call;
  const columns = await columnsOf(tools, actor, prepared);
  const { admitted } = await tools.inTenant(actor, async (tx) => {
    const inserted = await insertQueryRun(tx, tools.vault, {
      ...prepared,
      workspaceId: actor.workspaceId,
      id: reservedId,
      columns,
      trigger: actor.kind === 'user' ? 'user' : 'api',
      actor: actorRef(actor),
    });
    if (inserted.isNew)
      await recordAudit(tx, {
        ...auditOrigin(call),
        action: 'query.run',
        subject: `run:${reservedId}`,
        title: prepared.title,
        after: {
          connection: prepared.connection.name,
          unit: prepared.unit?.name ?? null,
          ...(prepared.rerunOf && { again: prepared.rerunOf }),
        },
      });
    return inserted;
  });
  tools.startRuns(admitted);
  return { runId: reservedId };
}

async function columnsOf(
  tools: ApiTools,
  actor: Actor,
  prepared: PreparedQuery,
  known?: QueryEngine,
): Promise<QueryColumn[] | null> {
  const { connection, unit, options, parameters } = prepared;
  if (!needsColumns(connection.kind)) return null;
  const engine = known ?? (await openEngine(tools, actor, prepared));
  const of = { connectionId: connection.id, unit: unit?.id ?? null };
  const { sql } = bindRun(runTextOf(prepared), parameters, options).text;
  const kept = (names: readonly string[]) => tools.inTenant(actor, (tx) => knownTables(tx, of, names));
  const { columns, why } = await resultColumns({ sql, options, engine, kept }).catch((error: unknown) => {
    throw refusalOf(error, connection.name, 'query.refused');
  });
  if (!columns) throw problem('query.refused', { why });
  return [...columns];
}
