import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { LogText } from '#contracts/runs/log-text.ts';
import { readRun } from '#db/runs/run-detail.ts';
import { readLog } from '#db/runs/run-logs.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

const pageSize = 2_000;

/** The whole log of a run as text, page by page, so that memory stays flat whatever its length. */
export async function sendRunLog(
  tools: ApiTools,
  actor: { workspaceId: string; mids: string },
  runId: string,
  query: { host?: string | undefined; step?: string | undefined; stream?: string | undefined },
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!(await tools.inTenant(actor, (tx) => readRun(tx, runId)))) throw problem('request.not_found');
  async function* lines(): AsyncGenerator<string> {
    const log = new LogText();
    let after: string | undefined;
    for (;;) {
      const page = await tools.inTenant(actor, (tx) => readLog(tx, runId, { ...query, after, limit: pageSize }));
      for (const chunk of page.data) yield log.add(chunk);
      if (page.nextCursor === null) break;
      after = page.nextCursor;
    }
    yield log.rest();
  }
  return reply
    .header('content-disposition', `attachment; filename="run-${runId}.log"`)
    .type('text/plain; charset=utf-8')
    .serializer((value: unknown) => value as string)
    .send(Readable.from(lines()));
}
