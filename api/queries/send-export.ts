import type { FastifyReply } from 'fastify';
import { aboutRun, plainFileName } from '#connectors/export/about-run.ts';
import { exportRows, takesRawCsv } from '#connectors/export/export-rows.ts';
import { openSource } from '#connectors/export/open-source.ts';
import { exportFormats } from '#contracts/queries/export-formats.ts';
import { bindRun } from '#contracts/queries/prepare-run.ts';
import type { queryRunRoutes } from '#contracts/queries/query-runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { dueAssets } from '#db/queries/move-query-run.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';
import { openRows, pageOf, refusalOf } from './rows.ts';

type ExportCall = Call<(typeof queryRunRoutes)['exportQueryRows']>;

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
  const { stream } = exportRows({
    format,
    columns,
    source,
    about: aboutRun(run),
    options: { from },
  });
  // What breaks it is told by the broken download; the log has why, without a row.
  stream.once('error', (error: unknown) => {
    if (!stop.signal.aborted) tools.log.info({ err: error, runId: run.runId }, 'an export broke off');
  });
  const { mime, extension } = exportFormats[format];
  const name = `${plainFileName(run.title)}.${extension}`;
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
