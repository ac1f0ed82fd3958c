import type {
  DiscoverAssets,
  DiscoverAssetsInput,
  ImportAssets,
  ImportAssetsInput,
} from '#contracts/assets/asset-workflows.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { RunTrigger } from '#contracts/runs/status.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { runInputContext } from '../playbooks/start-playbook-run.ts';
import { insertRun, type RunRef } from '../runs/insert-run.ts';

/** Writes a run of this room, queued; the caller hands what is admitted to the dispatcher after the commit. */
export async function insertAssetRun(
  tx: TenantTx,
  vault: Vault,
  run: {
    title: string;
    input: ImportAssetsInput | DiscoverAssetsInput;
    of: typeof ImportAssets | typeof DiscoverAssets;
    /** The import it belongs to. */
    subject: string | null;
    trigger: RunTrigger;
    actor: ActorRef;
  },
): Promise<RunRef[]> {
  const { input, of, subject } = run;
  const { runId, workspaceId } = input;
  const { admitted } = await insertRun(tx, {
    id: runId,
    kind: of.kind,
    title: run.title,
    trigger: run.trigger,
    actor: run.actor,
    rootRunId: runId,
    subject: subject === null ? null : { kind: 'asset_import', id: subject },
    inputs: 'servers' in input ? { servers: input.servers.map(({ name }) => name).slice(0, 100) } : { act: input.act },
    strand: 'servers' in input ? [{ id: 'discover', status: 'pending' }] : [],
    workflowType: of.type,
    taskQueue: of.taskQueue,
    sealedInput: await vault.seal(JSON.stringify(input), runInputContext(workspaceId, runId)),
  });
  return admitted;
}
