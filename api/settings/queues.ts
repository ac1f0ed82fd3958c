import type { z } from 'zod';
import { type QueueStatus, type RunQueue, queueRoutes, runQueues } from '#contracts/settings/queues.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { admitRuns } from '#db/runs/admit-runs.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import {
  awaitAdmission,
  drainQueue,
  listDrains,
  queuedByQueue,
  resumeQueue,
  tellQueue,
} from '#db/runs/queue-drains.ts';
import { countLivingRuns } from '#db/runs/runs.ts';
import { drainInstance, resumeInstance } from '#db/system/instance-drains.ts';
import { listWorkspaceIds } from '#db/system/sweeps.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, room } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Queues: what stands in them, and whether anything new begins from them. */
export const queueRoom = room(queueRoutes, (tools) => ({
  queueStatus: ({ actor }) => readStatus(tools, actor),

  drainQueue: async (call) => {
    const { actor, params, body } = call;
    const origin = auditOrigin(call);
    const reason = body?.reason || null;
    await tools.inTenant(actor, async (tx) => {
      if (!(await drainQueue(tx, params.queue, { actor: origin.actor, reason }))) return;
      await recordAudit(tx, { ...origin, ...entry('queue.drained', params.queue, 'workspace', reason) });
    });
    return readStatus(tools, actor);
  },

  resumeQueue: async (call) => {
    const { actor, params } = call;
    const origin = auditOrigin(call);
    const admitted = await tools.inTenant(actor, async (tx): Promise<RunRef[]> => {
      if (!(await resumeQueue(tx, params.queue, { actor: origin.actor }))) return [];
      await recordAudit(tx, { ...origin, ...entry('queue.resumed', params.queue, 'workspace', null) });
      return admitRuns(tx);
    });
    tools.startRuns(admitted);
    return readStatus(tools, actor);
  },

  drainInstanceQueue: async ({ params, body, person, request }) => {
    if (!person) throw problem('identity.person_needed');
    const actor: ActorRef = { kind: 'user', id: person.userId, name: person.name };
    const reason = body?.reason || null;
    const { drain, isNew } = await drainInstance(tools.system, params.queue, { actor, reason });
    if (isNew) {
      await inEveryWorkspace(tools, async (tx) => {
        await awaitAdmission(tx);
        await tellQueue(tx, 'queue.drained', { queue: params.queue, scope: 'instance', actor, reason });
        await recordAudit(tx, {
          ...entry('queue.drained', params.queue, 'instance', reason),
          actor,
          address: request.ip,
          requestId: request.id,
        });
      });
    }
    return { drain };
  },

  resumeInstanceQueue: async ({ params, person, request }) => {
    if (!person) throw problem('identity.person_needed');
    const actor: ActorRef = { kind: 'user', id: person.userId, name: person.name };
    if (!(await resumeInstance(tools.system, params.queue))) return;
    await inEveryWorkspace(tools, async (tx) => {
      await tellQueue(tx, 'queue.resumed', { queue: params.queue, scope: 'instance', actor, reason: null });
      await recordAudit(tx, {
        ...entry('queue.resumed', params.queue, 'instance', null),
        actor,
        address: request.ip,
        requestId: request.id,
      });
      return admitRuns(tx);
    });
  },
}));

const entry = (action: 'queue.drained' | 'queue.resumed', queue: RunQueue, scope: string, reason: string | null) => ({
  action,
  subject: `queue:${queue}`,
  title: queue,
  after: { scope, ...(reason !== null && { reason }) },
});

/**
 * The drain itself is one row and holds at once; what follows tells each workspace. Should we die on the way, the rest
 * are not told, and the sweep still admits what waits in them.
 */
async function inEveryWorkspace(
  tools: ApiTools,
  work: (tx: Parameters<Parameters<ApiTools['inTenant']>[1]>[0]) => Promise<RunRef[] | void>,
): Promise<void> {
  for (const workspaceId of await listWorkspaceIds(tools.system)) {
    const admitted = await tools.inTenant({ workspaceId, mids: '*' }, work);
    if (admitted) tools.startRuns(admitted);
  }
}

async function readStatus(tools: ApiTools, actor: Actor): Promise<z.input<typeof QueueStatus>> {
  const [{ counts, limit, drains, lines }, workers] = await Promise.all([
    tools.inTenant(actor, async (tx) => ({
      ...(await countLivingRuns(tx)),
      drains: await listDrains(tx),
      lines: await queuedByQueue(tx),
    })),
    tools.temporal.describeQueues(),
  ]);
  const oldest = [...lines.values()].flatMap(({ oldestAt }) => oldestAt ?? []).toSorted((a, b) => +a - +b)[0];
  return {
    limit,
    running: counts['running'] ?? 0,
    queued: counts['queued'] ?? 0,
    oldestQueuedAt: oldest?.toISOString() ?? null,
    workers: workers.map(({ queue, pollers, backlog }) => {
      const line = lines.get(queue);
      const takesRuns = runQueues.some((name) => name === queue);
      return {
        queue,
        pollers,
        backlog,
        queued: takesRuns ? (line?.queued ?? 0) : null,
        oldestQueuedAt: line?.oldestAt?.toISOString() ?? null,
        drains: drains.filter((drain) => drain.queue === queue).map(({ queue: _queue, ...drain }) => drain),
      };
    }),
  };
}
