import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { aboutRun, plainFileName } from '#connectors/export/about-run.ts';
import { type Export, exportRows, resumableByRow, takesRawCsv } from '#connectors/export/export-rows.ts';
import { ExportBroken } from '#connectors/export/source.ts';
import { gzipOf } from '#connectors/export/gzip.ts';
import { openSource } from '#connectors/export/open-source.ts';
import { type ExportFormat, exportFormats } from '#contracts/queries/export-formats.ts';
import { bindRun } from '#contracts/queries/prepare-run.ts';
import { exportHeaders } from '#contracts/queries/query-exports.ts';
import type { queryRunRoutes } from '#contracts/queries/query-runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { dueAssets } from '#db/queries/move-query-run.ts';
import { noteExport } from '#db/queries/query-exports.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { openRows, pageOf, refusalOf } from './rows.ts';
import { sendPieces } from './send-pieces.ts';

type ExportCall = Call<(typeof queryRunRoutes)['exportQueryRows']>;

/**
 * Sends a whole result as a file, straight from the service. What is wrong before the first byte is an answer; what breaks
 * later breaks the download, so that no file looks whole that is not.
 */
export async function sendExport(tools: ApiTools, call: ExportCall): Promise<FastifyReply> {
  const { actor, params, query, reply, request } = call;
  const { format, from, fromByte } = query;
  const unfit = (path: string, message: string) => problem('contract.broken', {}, [{ path, code: 'unfit', message }]);
  if (from > 0 && !resumableByRow.has(format)) throw unfit('/query/from', 'Only csv and ndjson can go on at a row.');
  if (from > 0 && fromByte > 0) throw unfit('/query/fromByte', 'Go on at a row or at a byte.');
  const open = await openRows(tools, actor, params.id);
  const { run } = open;
  const stop = new AbortController();
  reply.raw.once('close', () => stop.abort());
  const { signal } = stop;
  const { columns, source } = await openSource(
    {
      ...open,
      runId: run.runId,
      text: () => bindRun(run, run.parameters, run.options).text,
      signal,
      page: (cursor, limit) => pageOf(tools, actor, open, { cursor, limit, signal }),
      touch: () => tools.inTenant(actor, (tx) => dueAssets(tx, run.runId, 'idle')),
    },
    takesRawCsv(format),
  ).catch((error: unknown) => {
    throw refusalOf(error, open.connectionName, 'rows.unavailable');
  });
  await tools.inTenant(actor, (tx) =>
    recordAudit(tx, {
      ...auditOrigin(call),
      action: 'query.exported',
      subject: `run:${run.runId}`,
      title: run.title,
      after: { format },
    }),
  );
  const exportId = query.exportId ?? uuidv7();
  const made = exportRows({ format, columns, source, about: aboutRun(run), options: { from, fromByte } });
  const isPacked = takesGzip(request, format);
  const begun =
    request.method === 'HEAD'
      ? undefined
      : await firstOf(made.pieces()).catch((error: unknown) => {
          stop.abort();
          throw error instanceof ExportBroken
            ? problem('export.unfit', { why: error.message })
            : refusalOf(error, open.connectionName, 'rows.unavailable');
        });
  begin(reply, request, { run, format, exportId, isPacked });
  if (!begun) {
    await source.close?.();
    reply.raw.end();
    return reply;
  }
  const trailers = (): Record<string, string> => {
    const summary = made.summary();
    return summary ? { [exportHeaders.rows]: String(summary.rows), [exportHeaders.sha256]: summary.sha256 } : {};
  };
  const pieces = noting(begun, (state) =>
    tools.inTenant(actor, (tx) => noteExport(tx, run.runId, endOf(exportId, format, state, made))),
  );
  try {
    await sendPieces(reply.raw, isPacked ? gzipOf(pieces) : pieces, trailers);
  } catch (error) {
    // What breaks it is told by the broken download; the log has why, without a row.
    if (!signal.aborted) tools.log.info({ err: error, runId: run.runId }, 'an export broke off');
  } finally {
    stop.abort();
  }
  return reply;
}

const endOf = (exportId: string, format: ExportFormat, state: 'whole' | 'broken', { summary }: Export) => {
  const whole = state === 'whole' ? summary() : null;
  return {
    exportId,
    format,
    state,
    rows: whole?.rows ?? null,
    bytes: whole?.bytes ?? null,
    sha256: whole?.sha256 ?? null,
  };
};

/** Tells how it ended before the client hears of it, so that whoever has the file can ask at once. */
async function* noting(
  pieces: AsyncGenerator<Buffer>,
  note: (state: 'whole' | 'broken') => Promise<void>,
): AsyncGenerator<Buffer> {
  let isWhole = false;
  try {
    yield* pieces;
    await note('whole');
    isWhole = true;
  } finally {
    if (!isWhole) await note('broken').catch(() => undefined);
  }
}

/** So long is waited for the first bytes: a proxy must see the answer begin, however slow the query is. */
const firstWithinMs = 5_000;

/**
 * Waits for the first piece, so that what fails before it is an answer and no broken file: rows that cannot be made, a
 * format that cannot hold them. @throws what the pieces throw
 */
async function firstOf(pieces: AsyncGenerator<Buffer>): Promise<AsyncGenerator<Buffer>> {
  const first = pieces.next();
  const enough = Promise.withResolvers<void>();
  const timer = setTimeout(enough.resolve, firstWithinMs);
  await Promise.race([first, enough.promise]).finally(() => clearTimeout(timer));
  return (async function* () {
    try {
      const { value, done } = await first;
      if (done) return;
      yield value;
      yield* pieces;
    } finally {
      await pieces.return(undefined);
    }
  })();
}

/** Texts go packed to whoever takes them so; the others are packed already. */
const takesGzip = ({ headers }: FastifyRequest, format: ExportFormat): boolean =>
  format !== 'xlsx' &&
  format !== 'parquet' &&
  (headers['accept-encoding'] ?? '')
    .split(',')
    .some((each) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/.test(each));

/** Takes the answer over: its pieces are lent, which no stream of the framework would know. */
function begin(
  reply: FastifyReply,
  request: FastifyRequest,
  {
    run: { title, rowCount },
    format,
    exportId,
    isPacked,
  }: { run: { title: string; rowCount: number | null }; format: ExportFormat; exportId: string; isPacked: boolean },
): void {
  const { mime, extension } = exportFormats[format];
  const name = `${plainFileName(title)}.${extension}`;
  // Only what is sent in chunks has anything behind its last byte.
  const hasTrailers = request.method === 'GET' && request.raw.httpVersion === '1.1';
  const headers = {
    ...Object.fromEntries(Object.entries(reply.getHeaders()).map(([key, value]) => [key, String(value)])),
    'content-type': mime,
    'content-disposition': `attachment; filename="${name}"; filename*=UTF-8''${encodeURIComponent(`${title.slice(0, 80)}.${extension}`)}`,
    ...(rowCount !== null && { 'x-total-rows': String(rowCount) }),
    ...(isPacked && { 'content-encoding': 'gzip' }),
    vary: 'accept-encoding',
    'cache-control': 'no-store',
    [exportHeaders.id]: exportId,
    ...(hasTrailers && { trailer: `${exportHeaders.rows}, ${exportHeaders.sha256}` }),
  };
  reply.hijack();
  reply.raw.writeHead(200, headers);
  reply.raw.flushHeaders();
}
