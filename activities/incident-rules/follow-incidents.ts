import { errors } from '#contracts/errors.ts';
import { fillMessage } from '#contracts/kit/error-def.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import { isLanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { claimStart, decideStart, MappingFailed } from '#db/incident-rules/decide-start.ts';
import { countEnd, endStart } from '#db/incident-rules/end-start.ts';
import { settle } from '#db/incident-rules/settle.ts';
import type { Db } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { InputsRefused } from '#db/playbooks/start-playbook-run.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { runsOfStarts, waitingStarts } from '#db/system/incident-starts.ts';
import { endedRuns } from '#db/system/sweeps.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { Sweep } from '../kit/sweep.ts';
import type { ActivityTools } from '../kit/tools.ts';

export interface FollowIncidentsTools {
  system: Db;
  vault: Vault;
  inTenant: ActivityTools['inTenant'];
  startRuns: (runs: readonly RunRef[]) => void;
}

/** Starts or suggests what rules and people want for incidents, and takes over how it ended. Each note is settled once. */
export const followIncidents = ({ system, vault, inTenant, startRuns }: FollowIncidentsTools): Sweep => ({
  name: 'follow-incidents',
  everyMs: 1_000,
  run: async () => {
    // One note that cannot be decided now must not keep the others waiting.
    const troubles: unknown[] = [];
    for (const { workspaceId, id } of await inSystem(system, (tx) => waitingStarts(tx))) {
      try {
        startRuns(
          await inTenant(workspaceId, async (tx) => {
            const start = await claimStart(tx, id);
            return start ? decideStart(tx, { vault, workspaceId, now: Date.now() }, start) : [];
          }),
        );
      } catch (error) {
        const problem = problemOf(error);
        if (!problem) {
          troubles.push(error);
          continue;
        }
        await inTenant(workspaceId, async (tx) => {
          const start = await claimStart(tx, id);
          if (!start) return;
          await settle(tx, start, { status: 'failed', error: problem, why: problem.message });
          if (start.ruleId !== null) await countEnd(tx, start.ruleId, start.incidentId, false);
        });
      }
    }
    const running = await inSystem(system, (tx) => runsOfStarts(tx));
    for (const { workspaceId, id } of await endedRuns(system, running))
      await inTenant(workspaceId, (tx) => endStart(tx, id));
    if (troubles.length > 0) throw troubles[0];
  },
});

/** What stands in the way for good; undefined for what may pass. */
function problemOf(error: unknown): RunError | undefined {
  if (error instanceof MappingFailed || isLanguageFailure(error))
    return {
      code: 'incident_rule.mapping_failed',
      message: fillMessage(errors['incident_rule.mapping_failed'].message, { why: error.message }),
    };
  if (error instanceof InputsRefused)
    return { code: error.code, message: error.message, details: error.details as unknown as Json };
  return error instanceof Refusal ? { code: error.code, message: error.message } : undefined;
}
