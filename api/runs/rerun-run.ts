import type { z } from 'zod';
import type { RouteDef } from '#contracts/kit/route.ts';
import type { RerunRequest } from '#contracts/runs/runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { rerunPlaybookRun } from '#db/playbooks/rerun.ts';
import { actorRef } from '../kit/actor.ts';
import { auditOrigin, type Call } from '../kit/room.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Runs an ended run again, as a new run of the id that is given, and starts it. @returns its id */
export async function rerunRun(
  tools: ApiTools,
  call: Pick<Call<RouteDef>, 'actor' | 'request'>,
  runId: string,
  newId: string,
  wish: z.output<typeof RerunRequest>,
): Promise<string> {
  const { actor } = call;
  const made = await tools.inTenant(actor, async (tx) => {
    const rerun = await rerunPlaybookRun(tx, tools.vault, {
      workspaceId: actor.workspaceId,
      runId,
      newId,
      actor: actorRef(actor),
      trigger: actor.kind === 'key' ? 'api' : 'user',
      ...wish,
    });
    await recordAudit(tx, {
      ...auditOrigin(call),
      action: 'run.rerun',
      subject: `run:${runId}`,
      after: { newRun: rerun.runId, fromStep: wish.fromStep ?? null },
    });
    return rerun;
  });
  tools.startRuns(made.admitted);
  return made.runId;
}
