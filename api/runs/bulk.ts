import { type BulkResult, runBulkRoutes } from '#contracts/runs/bulk.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import { readRun } from '#db/runs/run-detail.ts';
import { findRunIds } from '#db/runs/run-trends.ts';
import { labelRun } from '#db/runs/runs.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers, room } from '../kit/room.ts';
import { toldAs } from '../kit/refusals.ts';
import type { ApiTools } from '../kit/tools.ts';
import { cancelRun } from './cancel-run.ts';
import { rerunRun } from './rerun-run.ts';

const mostIds = 10_000;

/** Does the same to each, one after the other: what fails for one is told and stops none of the others. */
async function each(
  tools: ApiTools,
  ids: readonly string[],
  act: (id: string) => Promise<string | undefined>,
): Promise<{ results: BulkResult[] }> {
  const results: BulkResult[] = [];
  for (const id of new Set(ids)) {
    try {
      results.push({ id, ok: true, runId: (await act(id)) ?? null });
    } catch (error) {
      const { code, message, statusCode } = toldAs(error);
      if (statusCode >= 500) tools.log.error({ err: error, runId: id }, 'an act on one run of many failed');
      results.push({ id, ok: false, error: { code, message } });
    }
  }
  return { results };
}

export const runBulkRoom = room(runBulkRoutes, (tools): Handlers<typeof runBulkRoutes> => ({
  findRunIds: async ({ actor, query }) => {
    const ids = await tools.inTenant(actor, (tx) => findRunIds(tx, query, mostIds));
    return { ids: ids.slice(0, mostIds), isCapped: ids.length > mostIds };
  },
  cancelRuns: (call) =>
    each(tools, call.body.ids, async (id) => {
      const { wasEnded, status } = await cancelRun(tools, call, id, call.body);
      if (wasEnded) throw problem('run.already_ended', { status });
      return undefined;
    }),
  rerunRuns: (call) =>
    // One id is kept for the whole request by its key: a repeated request is answered, not done again.
    each(tools, call.body.ids, (id) => rerunRun(tools, call, id, newRunId(), { fromStep: call.body.fromStep })),
  tagRuns: (call) =>
    each(tools, call.body.ids, async (id) => {
      await tools.inTenant(call.actor, async (tx) => {
        const run = await readRun(tx, id);
        if (!run) throw problem('request.not_found');
        const tags = [...new Set([...run.tags, ...call.body.add])].filter((tag) => !call.body.remove.includes(tag));
        await labelRun(tx, id, { tags });
        await recordAudit(tx, { ...auditOrigin(call), action: 'run.label', subject: `run:${id}`, after: { tags } });
      });
      return undefined;
    }),
}));
