import { recordAudit } from '#db/audit/audit-entries.ts';
import { readConnectionOf } from '#db/queries/connection-of.ts';
import { admitRuns } from '#db/runs/admit-runs.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { drainQueue, resumeQueue } from '#db/runs/queue-drains.ts';
import type { Actor } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

interface DrainCall {
  actor: Actor;
  params: { id: string };
  request: Parameters<typeof auditOrigin>[0]['request'];
}
const queueOf = (connectionId: string): string => `connection:${connectionId}`;

/** Lets nothing new begin on a connection; what runs goes on to its end. Draining it again changes nothing. */
export async function drainConnection(tools: ApiTools, call: DrainCall, reason: string | null): Promise<void> {
  const { actor, params } = call;
  const origin = auditOrigin(call);
  await tools.inTenant(actor, async (tx) => {
    const connection = await readConnectionOf(tx, params.id);
    if (!connection) throw problem('request.not_found');
    const { name } = connection;
    if (!(await drainQueue(tx, queueOf(params.id), { actor: origin.actor, reason, name }))) return;
    await recordAudit(tx, {
      ...origin,
      action: 'queue.drained',
      subject: `connection:${params.id}`,
      title: name,
      after: { scope: 'connection', ...(reason !== null && { reason }) },
    });
  });
}

/** Lets queries begin again, those that have waited longest first. */
export async function resumeConnection(tools: ApiTools, call: DrainCall): Promise<void> {
  const { actor, params } = call;
  const origin = auditOrigin(call);
  const admitted = await tools.inTenant(actor, async (tx): Promise<RunRef[]> => {
    const connection = await readConnectionOf(tx, params.id);
    if (!connection) throw problem('request.not_found');
    const { name } = connection;
    if (!(await resumeQueue(tx, queueOf(params.id), { actor: origin.actor, name }))) return [];
    await recordAudit(tx, {
      ...origin,
      action: 'queue.resumed',
      subject: `connection:${params.id}`,
      title: name,
      after: { scope: 'connection' },
    });
    return admitRuns(tx);
  });
  tools.startRuns(admitted);
}
