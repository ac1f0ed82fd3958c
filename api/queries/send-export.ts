import type { FastifyReply } from 'fastify';
import type { AmcEngine } from '#connectors/amc/engine.ts';
import type { PostgresEngine } from '#connectors/postgres/engine.ts';
import type { Cell, QueryColumn, QueryEngine } from '#contracts/queries/engine.ts';
import { exportFormats } from '#contracts/queries/export-formats.ts';
import { bindRun } from '#contracts/queries/prepare-run.ts';
import type { queryRunRoutes } from '#contracts/queries/query-runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { dueAssets } from '#db/queries/move-query-run.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { exportRows, takesRawCsv } from './export/export-rows.ts';
import type { ExportSource } from './export/source.ts';
import { openRows, pageOf, type ReadableRun, refusalOf } from './rows.ts';

type ExportCall = Call<(typeof queryRunRoutes)['exportQueryRows']>;

/** A page of an export is as large as the service gives. */
const pageRows = 10_000;
const batchRows = 1_000;
/** Rows that are being taken are not idle. */
const touchEveryMs = 60_000;

/**
 * Sends a whole result as a file, straight from the service. What is wrong before the first byte is an answer; what breaks
 * later breaks the download, so that no file looks whole that is not.
 */
export async function sendExport(tools: ApiTools, call: ExportCall): Promise<FastifyReply> {
  const { actor, params, query, reply } = call;
  const { format, from } = query;
  if (from > 0 && format !== 'csv' && format !== 'ndjson')
    throw problem('contract.broken', {}, [
      { path: '/query/from', code: 'unfit', message: 'Only csv and ndjson can go on.' },
    ]);
  const open = await openRows(tools, actor, params.id);
  const { run } = open;
  const stop = new AbortController();
  reply.raw.once('close', () => stop.abort());
  const { columns, source } = await sourceOf(tools, actor, open, format === 'csv' && takesRawCsv(format), stop.signal);
  await tools.inTenant(actor, (tx) =>
    recordAudit(tx, {
      ...auditOrigin(call),
      action: 'query.exported',
      subject: `run:${run.runId}`,
      title: run.title,
      after: { format },
    }),
  );
  const { stream } = exportRows({
    format,
    columns,
    source,
    about: {
      title: run.title,
      connection: run.connectionName,
      runId: run.runId,
      sql: run.sql,
      parameters: Object.fromEntries(run.parameters.map(({ name, value }) => [name, value])),
      executedAt: (run.endedAt ?? new Date()).toISOString(),
      expectedRows: run.rowCount,
    },
    options: { from },
  });
  // What breaks it is told by the broken download; the log has why, without a row.
  stream.once('error', (error: unknown) => {
    if (!stop.signal.aborted) tools.log.info({ err: error, runId: run.runId }, 'an export broke off');
  });
  const { mime, extension } = exportFormats[format];
  const name = `${
    run.title
      .replaceAll(/[^\w .-]+/g, ' ')
      .trim()
      .slice(0, 80) || 'query'
  }.${extension}`;
  return reply
    .header(
      'content-disposition',
      `attachment; filename="${name}"; filename*=UTF-8''${encodeURIComponent(`${run.title.slice(0, 80)}.${extension}`)}`,
    )
    .headers(run.rowCount === null ? {} : { 'x-total-rows': String(run.rowCount) })
    .header('cache-control', 'no-store')
    .type(mime)
    .serializer((value: unknown) => value as string)
    .send(stream);
}

const isPostgres = (engine: QueryEngine): engine is PostgresEngine => engine.kind === 'postgres' && 'copyOut' in engine;
const isStreaming = (engine: QueryEngine): engine is AmcEngine => engine.kind === 'amc' && 'stream' in engine;

/** Opens the rows and takes the first of them, so that what is wrong with them is told as an answer. */
async function sourceOf(
  tools: ApiTools,
  actor: Actor,
  open: ReadableRun,
  isRaw: boolean,
  signal: AbortSignal,
): Promise<{ columns: readonly QueryColumn[]; source: ExportSource }> {
  const { engine, run } = open;
  try {
    if (isPostgres(engine)) {
      const { text } = bindRun(run, run.parameters, run.options);
      const copied = await engine.copyOut(text, { as: isRaw ? 'csv' : 'rows', runId: run.runId, signal });
      return { columns: copied.columns, source: copied };
    }
    const first = await pageOf(tools, actor, open, { cursor: null, limit: isStreaming(engine) ? 1 : pageRows, signal });
    const { columns } = first;
    if (isStreaming(engine))
      return {
        columns,
        source: { kind: 'rows', pages: batched(engine.stream(open.ref, () => undefined, { signal })) },
      };
    return { columns, source: { kind: 'rows', pages: pagesFrom(tools, actor, open, first, signal) } };
  } catch (error) {
    throw refusalOf(error, open.connectionName, 'rows.unavailable');
  }
}

async function* pagesFrom(
  tools: ApiTools,
  actor: Actor,
  open: ReadableRun,
  first: Awaited<ReturnType<typeof pageOf>>,
  signal: AbortSignal,
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let touchedAt = Date.now();
  let page = first;
  for (;;) {
    yield page.rows;
    const { cursor } = page;
    if (cursor === null) return;
    if (Date.now() - touchedAt > touchEveryMs) {
      touchedAt = Date.now();
      await tools.inTenant(actor, (tx) => dueAssets(tx, open.run.runId, 'idle'));
    }
    page = await pageOf(tools, actor, open, { cursor, limit: pageRows, signal });
  }
}

async function* batched(rows: AsyncIterable<readonly Cell[]>): AsyncGenerator<readonly (readonly Cell[])[]> {
  let batch: (readonly Cell[])[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
