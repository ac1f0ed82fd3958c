import { type ApprovalDecidedSignal, approvalDecidedSignal } from '#contracts/approvals/ask-approval.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { markDelivered, readUndelivered } from '#db/approvals/approvals.ts';
import type { Db } from '#db/kit/database.ts';
import { inSystem, inTenant } from '#db/kit/in-tenant.ts';
import { undeliveredApprovals } from '#db/system/approvals-due.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface DeliverDecisionsTools {
  db: Db;
  system: Db;
  signalRun: (workspaceId: string, runId: string, signal: string, args: readonly Json[]) => Promise<boolean>;
}

/** Tells runs of decisions that were committed and not delivered: the API died between, or Temporal was away. */
export const deliverDecisions = ({ db, system, signalRun }: DeliverDecisionsTools): Sweep => ({
  name: 'deliver-decisions',
  everyMs: 5_000,
  run: async () => {
    for (const { workspaceId, id } of await inSystem(system, (tx) => undeliveredApprovals(tx))) {
      const waiting = await inTenant(db, workspaceId, (tx) => readUndelivered(tx, id));
      if (!waiting) continue;
      const signal: ApprovalDecidedSignal = {
        approvalId: id,
        address: waiting.address,
        attempt: waiting.attempt,
        round: waiting.round,
      };
      // A run that has ended asks nobody any more; the decision stays on record.
      const isTold =
        waiting.endedAt !== null ||
        (await signalRun(workspaceId, waiting.runId, approvalDecidedSignal, [{ ...signal }]));
      if (isTold) await inTenant(db, workspaceId, (tx) => markDelivered(tx, id));
    }
  },
});
