import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Json, JsonObject } from '#contracts/playbooks/document.ts';
import type { HostResult } from '#contracts/playbooks/engine/changes.ts';
import { type PreviousStep, planRerun } from '#contracts/playbooks/engine/rerun.ts';
import type { RunTrigger } from '#contracts/runs/status.ts';
import { isEnded } from '#contracts/runs/status.ts';
import type { Vault } from '#system/vault/vault.ts';
import { Refusal } from '../kit/refusal.ts';
import type { TenantTx } from '../kit/database.ts';
import type { RunRef } from '../runs/insert-run.ts';
import { keepSealedOutput, openRunSecrets } from './run-secrets.ts';
import { readRunInput } from './run-definition.ts';
import { startPlaybookRun } from './start-playbook-run.ts';

export interface RerunWish {
  workspaceId: string;
  runId: string;
  newId: string;
  actor: ActorRef;
  trigger: RunTrigger;
  fromStep?: string | undefined;
  hosts?: 'failed' | undefined;
  inputs?: JsonObject | undefined;
  version?: number | undefined;
}

/**
 * Runs an ended run again (playbook-language §8): all of it, from a step with what came before carried over, or a step
 * on the hosts that did not succeed. Works after failure, cancel, timeout and a crash alike, from the rows.
 * @throws Refusal `request.not_found`, `run.not_rerunnable`, `rerun.*`; InputsRefused
 */
export async function rerunPlaybookRun(
  tx: TenantTx,
  vault: Vault,
  wish: RerunWish,
): Promise<{ runId: string; admitted: RunRef[] }> {
  const { workspaceId, runId } = wish;
  const run = await tx
    .selectFrom('runs')
    .select(['status', 'title', 'tags'])
    .where('id', '=', runId)
    .executeTakeFirst();
  if (!run) throw new Refusal('request.not_found');
  if (!isEnded(run.status)) throw new Refusal('run.not_rerunnable');
  const input = await readRunInput(tx, vault, workspaceId, runId);
  if (!input) throw new Refusal('run.not_rerunnable');
  const secrets = await openRunSecrets(tx, vault, workspaceId, runId);

  const isPartial = wish.fromStep !== undefined || wish.hosts !== undefined;
  const version = wish.version ?? (isPartial || wish.inputs === undefined ? input.playbook.version : undefined);
  const isOtherVersion = wish.version !== undefined && wish.version !== input.playbook.version;
  const definition = isOtherVersion ? await definitionOf(tx, input.playbook.id, wish.version) : input.definition;
  const carried = isPartial
    ? await planCarried(tx, { ...wish, definition, previousDefinition: input.definition })
    : null;
  // Secret inputs stay sealed with the run before and are carried; what is given now replaces it.
  const secretInputs = Object.fromEntries(Object.entries(secrets).filter(([name]) => !name.startsWith('steps.')));
  const started = await startPlaybookRun(tx, vault, {
    workspaceId,
    id: wish.newId,
    playbook: { id: input.playbook.id },
    version,
    definition: isOtherVersion ? undefined : input.definition,
    inputs: { ...withoutNulls(input.inputs), ...secretInputs, ...wish.inputs },
    trigger: wish.trigger,
    triggerId: runId,
    actor: wish.actor,
    title: run.title,
    tags: run.tags,
    carried,
    rerunOf: runId,
    onlyHosts: input.onlyHosts,
  });
  for (const [name, value] of Object.entries(secrets)) {
    const address = /^steps\.(.+)\.(?:output|hosts)$/.exec(name)?.[1];
    if (address !== undefined && carried?.steps[address])
      await keepSealedOutput(tx, vault, workspaceId, started.runId, name, value);
  }
  return { runId: started.runId, admitted: started.admitted };
}

/** An input that was not given is null in the run's record; given again it must be absent, so that its default may change. */
const withoutNulls = (inputs: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== null));

async function definitionOf(tx: TenantTx, playbookId: string, version: number | undefined) {
  const row = await tx
    .selectFrom('playbookVersions')
    .select('definition')
    .where('playbookId', '=', playbookId)
    .where('version', '=', version ?? 0)
    .executeTakeFirst();
  if (!row) throw new Refusal('playbook.version_unknown', { version });
  return row.definition as never;
}

type Planned = Parameters<typeof planRerun>[0];

async function planCarried(
  tx: TenantTx,
  {
    runId,
    fromStep,
    hosts,
    definition,
    previousDefinition,
  }: RerunWish & Pick<Planned, 'definition' | 'previousDefinition'>,
) {
  const plan = planRerun({
    definition,
    ...(previousDefinition && { previousDefinition }),
    previous: await readPrevious(tx, runId),
    ...(fromStep !== undefined && fromStep !== 'failed' && { fromStep }),
    ...(hosts && { hosts }),
  });
  if (plan.ok) return plan.carried;
  const { code, earliest } = plan.refusal;
  throw new Refusal(code, { step: fromStep ?? '', earliest }, earliest === undefined ? undefined : { earliest });
}

/** The run before, as its rows tell it. */
async function readPrevious(tx: TenantTx, runId: string): Promise<Record<string, PreviousStep>> {
  const steps = await tx.selectFrom('runSteps').selectAll().where('runId', '=', runId).execute();
  const hosts = await tx.selectFrom('runHosts').selectAll().where('runId', '=', runId).execute();
  const sealed = await tx
    .selectFrom('runSecrets')
    .select('name')
    .where('runId', '=', runId)
    .where('name', 'like', 'steps.%')
    .execute();
  const sealedAddresses = new Set(
    sealed.map(({ name }) => name.replace(/^steps\./, '').replace(/\.(?:output|hosts)$/, '')),
  );
  return Object.fromEntries(
    steps.map((step): [string, PreviousStep] => [
      step.address,
      {
        status: step.status,
        output: step.output as Json,
        error: step.error as PreviousStep['error'],
        undo: step.undo,
        isSealed: sealedAddresses.has(step.address),
        startedAt: step.startedAt?.getTime() ?? null,
        endedAt: step.endedAt?.getTime() ?? null,
        childRunId: step.childRunId,
        hosts: Object.fromEntries(
          hosts
            .filter(({ address }) => address === step.address)
            .map((host): [string, Partial<HostResult> & Pick<HostResult, 'status'>] => [
              host.host,
              {
                ...(host.facts as object | null),
                status: host.status,
                stdout: host.stdout,
                stderr: host.stderr,
                exitCode: host.exitCode,
                signal: host.signal,
                error: host.error as HostResult['error'],
                truncated: host.truncated,
                stdoutBytes: host.stdoutBytes,
                stderrBytes: host.stderrBytes,
              },
            ]),
        ),
      },
    ]),
  );
}
