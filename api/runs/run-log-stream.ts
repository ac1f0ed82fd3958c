import type { FastifyReply, FastifyRequest } from 'fastify';
import { isEnded } from '#contracts/runs/status.ts';
import { readRun } from '#db/runs/run-detail.ts';
import { readLog } from '#db/runs/run-logs.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { openSse } from '../kit/sse.ts';
import type { ApiTools } from '../kit/tools.ts';
import { endsStreamOf } from '../events/stream-filter.ts';

const pageSize = 500;
const mostBacklogBytes = 1_000_000;

export interface LogStreamQuery {
  after?: string | undefined;
  host?: string | undefined;
  step?: string | undefined;
  stream?: string | undefined;
  q?: string | undefined;
}

/**
 * A run's log as server-sent events: what is there, then what comes, until the run has ended and all of it was sent
 * (frame `end`). Wake-ups come from the hub; a poll is the safety net. Resumes by `Last-Event-ID`.
 */
export async function streamRunLog(
  tools: ApiTools,
  actor: Actor,
  runId: string,
  query: LogStreamQuery,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const run = await tools.inTenant(actor, (tx) => readRun(tx, runId));
  if (!run) throw problem('request.not_found');
  const connection = openSse(request, reply);
  const lastId = request.headers['last-event-id'];
  let after = typeof lastId === 'string' && lastId !== '' ? lastId : query.after;
  let isOpen = true;
  let wake = (): void => {};
  const stop = tools.hub.listen({
    workspaceId: actor.workspaceId,
    onEvent: ({ event }) => {
      if (endsStreamOf(actor, event)) isOpen = false;
      if (event.runId === runId) wake();
    },
  });
  const stopLogWakes = tools.logWakes.listen(runId, () => wake());
  connection.onClose(() => {
    isOpen = false;
    wake();
  });
  connection.send('hello', JSON.stringify({ now: new Date().toISOString(), status: run.status }));
  try {
    while (isOpen) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Asked before the log is read: an ended run's log is whole at that moment.
      const { ended, page } = await tools.inTenant(actor, async (tx) => {
        const now = await readRun(tx, runId);
        return {
          ended: !now || isEnded(now.status),
          page: await readLog(tx, runId, { ...query, after, limit: pageSize }),
        };
      });
      for (const chunk of page.data) connection.send('log', JSON.stringify(chunk), chunk.cursor);
      after = page.data.at(-1)?.cursor ?? after;
      if (page.nextCursor !== null) {
        while (isOpen && connection.backlog() > mostBacklogBytes) await pause(20);
        continue;
      }
      if (ended && page.data.length === 0) {
        connection.send('end', JSON.stringify({ after: after ?? null }));
        break;
      }
      await Promise.race([woken, pause(ended ? 50 : 500)]);
    }
  } finally {
    stop();
    stopLogWakes();
    connection.end();
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref());
