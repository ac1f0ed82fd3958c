import { sql } from 'kysely';
import { ConnectionLifecycle, type ConnectionLifecycleInput } from '#contracts/connections/lifecycle.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { runInputContext } from '../playbooks/start-playbook-run.ts';
import { insertRun, type RunRef } from '../runs/insert-run.ts';

export interface LifecycleStart {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly runId: string;
  readonly title: string;
  readonly actor: ActorRef;
  readonly sealedInput: string;
}

/** Seals the input of a lifecycle. Done before the transaction begins. */
export const sealLifecycle = (
  vault: Vault,
  { workspaceId, connectionId, runId }: ConnectionLifecycleInput,
): Promise<string> =>
  vault.seal(
    JSON.stringify({ workspaceId, connectionId, runId } satisfies ConnectionLifecycleInput),
    runInputContext(workspaceId, runId),
  );

/** Writes the run that tends a connection for as long as that is there. It takes no slot. @returns what to start after the commit */
export async function insertLifecycle(tx: TenantTx, start: LifecycleStart): Promise<RunRef> {
  const { workspaceId, connectionId, runId, title, actor, sealedInput } = start;
  const { type, kind, taskQueue } = ConnectionLifecycle;
  await insertRun(tx, {
    id: runId,
    kind,
    shape: 'entity',
    title,
    trigger: actor.kind === 'user' ? 'user' : 'api',
    actor,
    subject: { kind: 'connection', id: connectionId },
    workflowType: type,
    taskQueue,
    sealedInput,
  });
  // It is let in at once; the sweep finds it by this where we die before its start.
  await tx
    .updateTable('runs')
    .set({ admittedAt: sql<Date>`now()` })
    .where('id', '=', runId)
    .execute();
  return {
    workspaceId,
    id: runId,
    workflowType: type,
    taskQueue,
    kind,
    subject: `connection:${connectionId}`,
    actorId: actor.id,
    priority: 2,
    input: { workspaceId, connectionId, runId } satisfies ConnectionLifecycleInput,
  };
}

/** Hands a connection whose lifecycle has ended to another one. @returns its name; undefined where somebody was quicker */
export async function endedLifecycle(
  tx: TenantTx,
  connectionId: string,
  endedRunId: string,
  runId: string,
): Promise<string | undefined> {
  const taken = await tx
    .updateTable('connections')
    .set({ runId })
    .where('id', '=', connectionId)
    .where('runId', '=', endedRunId)
    .returning('name')
    .executeTakeFirst();
  return taken?.name;
}
