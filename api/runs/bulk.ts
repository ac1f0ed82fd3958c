import { type BulkResult, type TagResult, runBulkRoutes } from '#contracts/runs/bulk.ts';
import { mostTags } from '#contracts/runs/limits.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { newRunId } from '#db/runs/insert-run.ts';
import { readRun } from '#db/runs/run-detail.ts';
import { findRunIds } from '#db/runs/run-trends.ts';
import { labelRun } from '#db/runs/runs.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, type Handlers, room } from '../kit/room.ts';
import { toldAs } from '../kit/refusals.ts';
import type { ApiTools } from '../kit/tools.ts';
import { cancelRun } from './cancel-run.ts';
import { sendRuns } from './export-runs.ts';
import { rerunRun } from './rerun-run.ts';

const mostIds = 10_000;

/** Does the same to each, one after the other: what fails for one is told and stops none of the others. */
async function each<T extends object>(
  tools: ApiTools,
  ids: readonly string[],
  act: (id: string) => Promise<T>,
): Promise<{ results: (BulkResult & Partial<T>)[] }> {
  const results: (BulkResult & Partial<T>)[] = [];
  for (const id of new Set(ids)) {
    try {
      results.push({ id, ok: true, ...(await act(id)) });
    } catch (error) {
      const { code, message, statusCode } = toldAs(error);
      if (statusCode >= 500) tools.log.error({ err: error, runId: id }, 'an act on one run of many failed');
      results.push({ id, ok: false, error: { code, message } } as BulkResult & Partial<T>);
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
      return {};
    }),
  rerunRuns: (call) =>
    // One id is kept for the whole request by its key: a repeated request is answered, not done again.
    each(tools, call.body.ids, async (id) => ({
      runId: await rerunRun(tools, call, id, newRunId(), { fromStep: call.body.fromStep }),
    })),
  tagRuns: (call) => each(tools, call.body.ids, (id) => tagRun(tools, call, id)),
  exportRuns: (call) => {
    const { workspace: _workspace, ...filter } = call.query;
    return sendRuns(tools, call, { filter });
  },
  exportChosenRuns: (call) => sendRuns(tools, call, { ids: call.body.ids }),
}));

/** Adds tags to one run and takes others off. @returns what has changed, so that it can be taken back */
const tagRun = (
  tools: ApiTools,
  call: Call<(typeof runBulkRoutes)['tagRuns']>,
  id: string,
): Promise<Pick<TagResult, 'added' | 'removed'>> =>
  tools.inTenant(call.actor, async (tx) => {
    const run = await readRun(tx, id);
    if (!run) throw problem('request.not_found');
    const added = [...new Set(call.body.add)].filter(
      (tag) => !run.tags.includes(tag) && !call.body.remove.includes(tag),
    );
    const removed = run.tags.filter((tag) => call.body.remove.includes(tag));
    if (added.length + removed.length === 0) return { added, removed };
    const tags = [...run.tags.filter((tag) => !removed.includes(tag)), ...added];
    if (tags.length > mostTags) throw problem('run.too_many_tags', { limit: mostTags });
    await labelRun(tx, id, { tags });
    await recordAudit(tx, {
      ...auditOrigin(call),
      action: 'run.label',
      subject: `run:${id}`,
      before: { tags: run.tags },
      after: { tags },
    });
    return { added, removed };
  });
