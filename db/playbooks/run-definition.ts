import type { Json } from '#contracts/kit/schemas.ts';
import type { RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { runInputContext } from './start-playbook-run.ts';

/** The input that a run's workflow was, or will be, started with. @returns null where there is no such run or it has none */
export async function readRunInput(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
): Promise<RunPlaybookInput | null> {
  const row = await tx
    .selectFrom('runs')
    .select(['sealedInput', 'workflowType'])
    .where('id', '=', runId)
    .executeTakeFirst();
  if (!row?.sealedInput) return null;
  return JSON.parse(
    (await vault.open(row.sealedInput, runInputContext(workspaceId, runId))).reveal(),
  ) as RunPlaybookInput;
}

/** What a run executes, as it was when it started. */
export async function readRunDefinition(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
): Promise<{ definition: Json; version: number | null } | null> {
  const input = await readRunInput(tx, vault, workspaceId, runId);
  return input && { definition: input.definition as unknown as Json, version: input.playbook.version };
}

/** The input of a run that is to be started; null where it has ended meanwhile. */
export async function loadRunInput(tx: TenantTx, vault: Vault, workspaceId: string, runId: string): Promise<unknown> {
  const row = await tx
    .selectFrom('runs')
    .select('sealedInput')
    .where('id', '=', runId)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  if (!row?.sealedInput) return null;
  return JSON.parse((await vault.open(row.sealedInput, runInputContext(workspaceId, runId))).reveal());
}
