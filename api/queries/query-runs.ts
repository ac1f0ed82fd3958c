import { needsColumns, resultColumns } from '#connectors/engines/result-columns.ts';
import type { RunStarted } from '#contracts/kit/schemas.ts';
import type { QueryColumn, QueryEngine } from '#contracts/queries/engine.ts';
import { bindRun, placedRemark } from '#contracts/queries/prepare-run.ts';
import { queryRunRoutes } from '#contracts/queries/query-runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { insertQueryRun } from '#db/queries/insert-query-run.ts';
import { knownTables } from '#db/queries/known-tables.ts';
import { listRemoteAssets, readQueryQueue } from '#db/queries/query-queue.ts';
import { listQueryRuns, readQueryRun } from '#db/queries/query-runs.ts';
import type { Actor } from '../kit/actor.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, type Handlers, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { type PreparedQuery, prepareQuery, runTextOf } from './prepare-query.ts';
import { closeRows, readRows, refusalOf } from './rows.ts';
import { sendExport } from './send-export.ts';

export const queryRunRoom = room(queryRunRoutes, (tools): Handlers<typeof queryRunRoutes> => ({
  startQueryRun: (call) => startQueryRun(tools, call),
  dryRunQuery: async ({ actor, body }) => {
    const prepared = await tools.inTenant(actor, (tx) => prepareQuery(tx, body, actor.id));
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
  exportQueryRows: (call) => sendExport(tools, call),
  closeQueryRun: async ({ actor, params }) => {
    if (!(await closeRows(tools, actor, params.id))) notFound();
  },
  getQueryQueue: async ({ actor }) => ({ data: await readTenant(tools.db, actor, readQueryQueue) }),
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

/** Writes the run, admitted where its connection has a slot, and starts its workflow. */
async function startQueryRun(
  tools: ApiTools,
  call: Call<(typeof queryRunRoutes)['startQueryRun']>,
): Promise<RunStarted> {
  const { actor, body, reservedId } = call;
  const prepared = await tools.inTenant(actor, (tx) => prepareQuery(tx, body, actor.id));
  const columns = await columnsOf(tools, actor, prepared);
  const { admitted } = await tools.inTenant(actor, async (tx) => {
    const inserted = await insertQueryRun(tx, tools.vault, {
      ...prepared,
      workspaceId: actor.workspaceId,
      id: reservedId,
      timeWindow: body.timeWindow ?? null,
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
        after: { connection: prepared.connection.name, unit: prepared.unit?.name ?? null },
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
