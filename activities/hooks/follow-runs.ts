import { holdsOver, mapValues } from '#contracts/hooks/map-values.ts';
import { fillMessage } from '#contracts/kit/error-def.ts';
import { errors } from '#contracts/errors.ts';
import type { Json } from '#contracts/kit/schemas.ts';
import type { JsonObject } from '#contracts/playbooks/document.ts';
import { isLanguageFailure } from '#contracts/playbooks/expressions/failure.ts';
import type { RunError } from '#contracts/runs/runs.ts';
import { type FiringKey, claimFiring, settleFiring } from '#db/hooks/run-trigger-rows.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import { Refusal } from '#db/kit/refusal.ts';
import { InputsRefused, startPlaybookRun } from '#db/playbooks/start-playbook-run.ts';
import type { RunRef } from '#db/runs/insert-run.ts';
import { pendingFirings } from '#db/system/pending-firings.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface FollowRunsTools {
  system: Db;
  vault: Vault;
  inTenant: ActivityTools['inTenant'];
  startRuns: (runs: readonly RunRef[]) => void;
}

/** Starts what waits for the end of a run. Each note becomes one run or one record of why not, in one transaction. */
export const followRuns = ({ system, vault, inTenant, startRuns }: FollowRunsTools): Sweep => ({
  name: 'follow-runs',
  everyMs: 1_000,
  run: async () => {
    for (const { workspaceId, triggerId, endedRunId } of await inSystem(system, (tx) => pendingFirings(tx))) {
      const key = { triggerId, endedRunId };
      try {
        startRuns(await inTenant(workspaceId, (tx) => fire(tx, vault, workspaceId, key)));
      } catch (error) {
        const problem = problemOf(error);
        if (!problem) throw error;
        await inTenant(workspaceId, async (tx) => {
          if (await claimFiring(tx, key)) await settleFiring(tx, key, { status: 'failed', error: problem });
        });
      }
    }
  },
});

async function fire(tx: TenantTx, vault: Vault, workspaceId: string, key: FiringKey): Promise<RunRef[]> {
  const trigger = await claimFiring(tx, key);
  if (!trigger) return [];
  const run = await runView(tx, key.endedRunId);
  const now = Date.now();
  if (trigger.condition !== null && !holdsOver(trigger.condition, { run }, now)) {
    await settleFiring(tx, key, { status: 'passed' });
    return [];
  }
  const mapped = mapValues(trigger.inputs, { run }, now);
  if (!mapped.ok)
    throw new MappingFailed(mapped.issues.map(({ message }) => message).join('; '), mapped.issues as unknown as Json);
  const { runId, admitted } = await startPlaybookRun(tx, vault, {
    workspaceId,
    playbook: { id: trigger.targetId },
    ...(trigger.targetVersion !== null && { version: trigger.targetVersion }),
    inputs: mapped.values,
    trigger: 'run',
    triggerId: trigger.id,
    actor: { kind: 'system', id: null, name: trigger.name },
  });
  await settleFiring(tx, key, { status: 'started', runId });
  return admitted;
}

class MappingFailed extends Error {
  override name = 'MappingFailed';
  readonly details: Json;
  constructor(message: string, details: Json) {
    super(message);
    this.details = details;
  }
}

/** What expressions of a trigger see of the run that ended. */
async function runView(tx: TenantTx, runId: string): Promise<JsonObject> {
  const run = await tx
    .selectFrom('runs')
    .select([
      'id',
      'title',
      'status',
      'outputs',
      'error',
      'inputs',
      'trigger',
      'startedAt',
      'endedAt',
      'subjectVersion',
      'subjectId',
    ])
    .where('id', '=', runId)
    .executeTakeFirstOrThrow();
  const playbook =
    run.subjectId === null
      ? undefined
      : await tx.selectFrom('playbooks').select('name').where('id', '=', run.subjectId).executeTakeFirst();
  return {
    id: run.id,
    title: run.title,
    status: run.status,
    outputs: run.outputs ?? null,
    error: (run.error ?? null) as JsonObject | null,
    inputs: run.inputs ?? {},
    trigger: run.trigger,
    startedAt: run.startedAt?.toISOString() ?? null,
    endedAt: run.endedAt?.toISOString() ?? null,
    playbook: { id: run.subjectId, name: playbook?.name ?? null, version: run.subjectVersion },
  };
}

/** What stands in the way for good; undefined for what may pass. */
function problemOf(error: unknown): RunError | undefined {
  if (error instanceof MappingFailed || isLanguageFailure(error)) {
    const message = fillMessage(errors['run_trigger.mapping_failed'].message, { why: error.message });
    return {
      code: 'run_trigger.mapping_failed',
      message,
      ...(error instanceof MappingFailed && { details: error.details }),
    };
  }
  if (error instanceof InputsRefused)
    return { code: error.code, message: error.message, details: error.details as unknown as Json };
  if (error instanceof Refusal)
    return error.code === 'request.not_found'
      ? { code: 'schedule.target_unknown', message: new Refusal('schedule.target_unknown').message }
      : { code: error.code, message: error.message };
  return undefined;
}
