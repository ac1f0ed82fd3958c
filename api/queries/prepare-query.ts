import type { ParameterDef } from '#contracts/queries/parameter-defs.ts';
import { type PreparedRun, prepareRun } from '#contracts/queries/prepare-run.ts';
import type { StartQueryRun } from '#contracts/queries/query-runs.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { type ConnectionOfQuery, readConnectionOf, readUnitOf } from '#db/queries/connection-of.ts';
import { mustMayQuery } from '#db/queries/query-rules.ts';
import { readSavedQuery } from '#db/queries/saved-queries.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';

export interface PreparedQuery {
  connection: ConnectionOfQuery;
  unit: { id: string; name: string } | null;
  title: string;
  sql: string;
  parameterDefs: readonly ParameterDef[];
  parameters: Extract<PreparedRun, { ok: true }>['parameters'];
  options: Extract<PreparedRun, { ok: true }>['options'];
  query: { id: string; version: number } | null;
}

/**
 * Reads what a query needs of connection, unit and saved query, and resolves its parameters by the server's clock.
 * @throws Problem that says what is wrong with it
 */
export async function prepareQuery(tx: TenantTx, body: StartQueryRun, actor: Actor): Promise<PreparedQuery> {
  const connection = await readConnectionOf(tx, body.connectionId);
  if (!connection) throw problem('query.connection_unknown');
  if (connection.state === 'disconnecting') throw problem('connection.disconnecting', { name: connection.name });
  const wanted = body.unit ?? body.mid;
  const unit = await readUnitOf(tx, connection, wanted);
  if (unit === undefined) throw problem('connection.unit_unknown', { unit: wanted ?? '(none was named)' });
  const saved = body.queryId === undefined ? null : await readSavedQuery(tx, body.queryId, actor.id);
  if (body.queryId !== undefined && !saved) throw problem('request.not_found');
  await mustMayQuery(tx, actor, 'run', { connectionId: connection.id, unit: unit?.id, folder: saved?.folder });
  const parameterDefs = body.parameterDefs ?? saved?.body.parameters ?? [];
  const prepared = prepareRun({
    engine: connection.kind,
    sql: body.sql,
    parameterDefs,
    given: body.parameters,
    timeWindow: body.timeWindow ?? null,
    options: body.options,
    now: Date.now(),
  });
  if (!prepared.ok) {
    const [first] = prepared.faults;
    throw problem(
      'query.parameter_invalid',
      { name: first?.parameter ?? '', why: first?.message ?? '' },
      prepared.faults.map(({ parameter, code, message, from, to }) => ({
        path: `/parameters/${parameter}`,
        code,
        message,
        ...(from !== undefined && { from, to }),
      })),
    );
  }
  return {
    connection,
    unit,
    title: body.title ?? saved?.name ?? titleOf(body.sql),
    sql: body.sql,
    parameterDefs,
    parameters: prepared.parameters,
    options: prepared.options,
    query: saved ? { id: saved.id, version: body.queryVersion ?? saved.version } : null,
  };
}

export const runTextOf = ({ connection, sql, parameterDefs }: PreparedQuery) => ({
  engine: connection.kind,
  sql,
  parameterDefs,
});

/** The first line that says something, without the dashes of a comment and without its texts: titles are shown and kept where no value belongs. */
function titleOf(sql: string): string {
  const line = sql
    .split('\n')
    .map((text) => text.replace(/^\s*(?:--|\/\*)\s*/, '').trim())
    .find((text) => text !== '');
  return (line ?? 'Query').replaceAll(/'(?:[^']|'')*(?:'|$)/g, "'…'").slice(0, 120);
}
