import type { RouteDef } from '#contracts/kit/route.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { endRun, requestCancel } from '#db/runs/end-run.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Asks a run to stop: notes the wish with who had it, then tells its workflow. One that had not begun ends at once. */
export async function cancelRun(
  tools: ApiTools,
  call: Pick<Call<RouteDef>, 'actor' | 'request'>,
  runId: string,
  wish: { undo?: boolean | undefined; reason?: string | undefined },
): Promise<{ wasEnded: boolean; status: string }> {
  const { actor } = call;
  const canceled = await tools.inTenant(actor, async (tx) => {
    const asked = await requestCancel(tx, runId, { actor: actorRef(actor), undo: wish.undo, reason: wish.reason });
    if (!asked) throw problem('request.not_found');
    await recordAudit(tx, {
      ...auditOrigin(call),
      action: 'run.cancel',
      subject: `run:${runId}`,
      after: { reason: wish.reason ?? null },
    });
    return asked;
  });
  if (canceled.mustTell && !(await tools.cancelWorkflow(actor.workspaceId, runId, wish.undo))) {
    // Temporal knows no open execution: it had not begun, or has just ended. Whichever it was, the run ends.
    const { admitted } = await tools.inTenant(actor, (tx) =>
      endRun(tx, runId, {
        status: 'canceled',
        actor: actorRef(actor),
        error: { code: 'run.canceled', message: 'Canceled.' },
      }),
    );
    tools.startRuns(admitted);
  }
  tools.startRuns(canceled.admitted);
  // Nothing was asked of a run that had ended before.
  const wasEnded = !canceled.mustTell && canceled.admitted.length === 0 && canceled.status !== 'canceled';
  return { wasEnded, status: canceled.status };
}
