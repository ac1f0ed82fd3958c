import { type RunDetail, runRoutes } from '#contracts/runs/runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { listRunEvents } from '#db/events/read-events.ts';
import { countLogMatches } from '#db/runs/log-matches.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { readRun, readRunDetail } from '#db/runs/run-detail.ts';
import { readLog } from '#db/runs/run-logs.ts';
import { countLivingRuns, labelRun, listRuns } from '#db/runs/runs.ts';
import { readRunDefinition } from '#db/playbooks/run-definition.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Handlers, room } from '../kit/room.ts';
import { temporalPage } from '../kit/temporal-page.ts';
import type { ApiTools } from '../kit/tools.ts';
import { cancelRun } from './cancel-run.ts';
import { rerunRun } from './rerun-run.ts';
import { sendRunLog } from './run-log-file.ts';
import { streamRunLog } from './run-log-stream.ts';

const { streamEvents: _events, openSocket: _socket, ...routes } = runRoutes;

export const runsRoom = room(routes, (tools): Handlers<typeof routes> => ({
  listRuns: ({ actor, query }) => readTenant(tools.db, actor, (tx) => listRuns(tx, query)),
  countRuns: ({ actor }) => tools.inTenant(actor, countLivingRuns),
  getRun: ({ actor, params }) => getRun(tools, actor, params.id),
  getRunDefinition: async ({ actor, params }) => {
    const found = await tools.inTenant(actor, (tx) => readRunDefinition(tx, tools.vault, actor.workspaceId, params.id));
    if (!found) throw problem('request.not_found');
    return found;
  },
  listRunEvents: ({ actor, params, query }) =>
    tools.inTenant(actor, async (tx) => {
      if (!(await readRun(tx, params.id))) throw problem('request.not_found');
      return listRunEvents(tx, params.id, query);
    }),
  readRunLogs: async ({ actor, params, query, request, reply }) => {
    if (request.headers.accept?.includes('text/event-stream')) {
      await streamRunLog(tools, actor, params.id, query, request, reply);
      // The stream has taken the reply over; nothing is left to be sent.
      return reply as never;
    }
    return tools.inTenant(actor, async (tx) => {
      if (!(await readRun(tx, params.id))) throw problem('request.not_found');
      const page = await readLog(tx, params.id, query);
      return query.q ? { ...page, matches: await countLogMatches(tx, params.id, { ...query, q: query.q }) } : page;
    });
  },
  downloadRunLogs: async ({ actor, params, query, reply }) => {
    return sendRunLog(tools, actor, params.id, query, reply);
  },
  cancelRun: async (call) => {
    const { actor, params, body } = call;
    await cancelRun(tools, call, params.id, { undo: body?.undo, reason: body?.reason });
    const run = await tools.inTenant(actor, (tx) => readRun(tx, params.id));
    if (!run) throw problem('request.not_found');
    return run;
  },
  rerunRun: async (call) => ({
    runId: await rerunRun(tools, call, call.params.id, call.reservedId, call.body ?? {}),
  }),
  tagRun: async (call) => {
    const { actor, params, body } = call;
    return tools.inTenant(actor, async (tx) => {
      if (!(await labelRun(tx, params.id, body))) throw problem('request.not_found');
      await recordAudit(tx, { ...auditOrigin(call), action: 'run.label', subject: `run:${params.id}`, after: body });
      const run = await readRun(tx, params.id);
      if (!run) throw problem('request.not_found');
      return run;
    });
  },
  answerUnknownStep: async (call) => {
    const { actor, params, body } = call;
    const run = await tools.inTenant(actor, (tx) => readRunDetail(tx, params.id));
    if (!run) throw problem('request.not_found');
    const isUnknown =
      run.steps.some((step) => step.address === params.address && step.status === 'unknown') ||
      run.hosts.some((host) => host.address === params.address && host.status === 'unknown');
    if (!isUnknown) throw problem('run.not_unknown');
    await tools.inTenant(actor, (tx) =>
      recordAudit(tx, {
        ...auditOrigin(call),
        action: 'run.outcome',
        subject: `run:${params.id}`,
        after: { address: params.address, ...body },
      }),
    );
    const answer = {
      address: params.address,
      host: body.host ?? null,
      outcome: body.outcome,
      by: actor.name,
      reason: body.reason ?? null,
    };
    if (!(await tools.signalRun(actor.workspaceId, params.id, 'outcomeAnswered', [answer])))
      throw problem('run.not_unknown');
    return { accepted: true as const };
  },
}));

async function getRun(tools: ApiTools, actor: Actor, id: string): Promise<RunDetail> {
  const run = await tools.inTenant(actor, (tx) => readRunDetail(tx, id));
  if (!run) throw problem('request.not_found');
  return { ...run, temporalUrl: temporalPage(tools, actor, id) };
}
