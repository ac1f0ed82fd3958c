import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Input, Json, JsonObject, Playbook } from '#contracts/playbooks/document.ts';
import { type Turn, turnOf } from '#contracts/playbooks/engine/concurrency.ts';
import type { Carried } from '#contracts/playbooks/engine/carried.ts';
import { type InputError, checkInputs } from '#contracts/playbooks/inputs.ts';
import { type PinnedPlaybook, RunPlaybook, type RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import type { RunTrigger } from '#contracts/runs/status.ts';
import type { Vault } from '#system/vault/vault.ts';
import { Refusal } from '../kit/refusal.ts';
import type { TenantTx } from '../kit/database.ts';
import { endRun, requestCancel } from '../runs/end-run.ts';
import { type RunRef, insertRun, newRunId } from '../runs/insert-run.ts';
import { readValues } from '../settings/variables.ts';
import { pinPlaybooks } from './pins.ts';
import { engineInput } from '#contracts/playbooks/engine-input.ts';
import { readPlaybook } from './playbooks.ts';
import { keepRunSecrets, partSecrets } from './run-secrets.ts';

export interface PlaybookStart {
  workspaceId: string;
  /** Chosen ahead where a repeated request must find the same run. */
  id?: string | undefined;
  playbook: { id: string } | { name: string };
  version?: number | undefined;
  inputs: JsonObject;
  trigger: RunTrigger;
  triggerId?: string | null;
  actor: ActorRef;
  actorEmail?: string | undefined;
  title?: string | undefined;
  tags?: string[] | undefined;
  isDryRun?: boolean | undefined;
  /** Another document than the saved one: test of a step, on what is in the editor. */
  definition?: Playbook | undefined;
  onlyHosts?: string[] | null;
  /** A rerun: what it takes over, and of which run. */
  carried?: Carried | null;
  rerunOf?: string | null;
  /** A child run: started by its parent's workflow. */
  parent?: { runId: string; rootRunId: string; depth: number; pins: Record<string, PinnedPlaybook> } | undefined;
}

export interface PlaybookStarted {
  runId: string;
  isNew: boolean;
  admitted: RunRef[];
  input: RunPlaybookInput;
}

/** Given inputs do not pass the playbook's declarations; `details` are the errors of `checkInputs`. */
export class InputsRefused extends Error {
  override name = 'InputsRefused';
  readonly code = 'playbook.inputs_refused';
  readonly details: readonly InputError[];
  constructor(details: readonly InputError[]) {
    super(details[0]?.message ?? 'The inputs do not fit.');
    this.details = details;
  }
}

const mostQueuedOfKey = 100;

/**
 * Checks the inputs and puts together what a run is made of, without writing anything.
 * @returns the workflow's input, and the values that are to be sealed with the run
 */
export async function prepareRunInput(
  tx: TenantTx,
  start: PlaybookStart,
): Promise<{ input: RunPlaybookInput; secret: Record<string, Json> }> {
  const [stored, { vars, secrets }] = await Promise.all([
    readPlaybook(tx, start.playbook, start.version),
    readValues(tx),
  ]);
  if (!stored)
    throw new Refusal(start.version === undefined ? 'request.not_found' : 'playbook.version_unknown', {
      version: start.version,
    });
  const definition = start.definition ?? stored.definition;
  const declarations: readonly Input[] = definition.inputs ?? [];
  const checked = checkInputs(declarations, start.inputs, await knownServers(tx, declarations));
  if (checked.errors.length > 0) throw new InputsRefused(checked.errors);
  const runId = start.id ?? newRunId();
  const { visible, secret } = partSecrets(declarations, checked.values);
  const input: RunPlaybookInput = {
    workspaceId: start.workspaceId,
    runId,
    definition,
    inputs: visible,
    vars,
    secrets,
    title: start.title ?? definition.name,
    trigger: start.trigger,
    actor: start.actor,
    actorEmail: start.actorEmail ?? '',
    url: `/runs/${runId}`,
    playbook: { id: stored.id, name: stored.name, version: stored.version },
    pins: start.parent?.pins ?? (await pinPlaybooks(tx, definition)),
    depth: start.parent?.depth ?? 0,
    rootRunId: start.parent?.rootRunId ?? runId,
    carried: start.carried ?? null,
    isDryRun: start.isDryRun ?? false,
    onlyHosts: start.onlyHosts ?? null,
  };
  return { input, secret };
}

/** The servers that inputs may name; read only where an input names one. */
async function knownServers(
  tx: TenantTx,
  declarations: readonly Input[],
): Promise<{ servers?: { name: string; tags: string[] }[] }> {
  if (!/"type":"servers?"/.test(JSON.stringify(declarations))) return {};
  return { servers: await tx.selectFrom('servers').select(['name', 'tags']).execute() };
}

/**
 * Checks the inputs and writes a run of a playbook, admitted where there is a slot (design §3). The caller hands
 * `admitted` to the dispatcher after the commit.
 * @throws Refusal `request.not_found`, `playbook.version_unknown`, `run.queue_full`; InputsRefused
 */
export async function startPlaybookRun(tx: TenantTx, vault: Vault, start: PlaybookStart): Promise<PlaybookStarted> {
  const { input, secret } = await prepareRunInput(tx, start);
  const { runId, definition, title, playbook } = input;
  const concurrency = start.parent || input.isDryRun ? null : turnOfRun(input);
  if (concurrency) await refuseFullQueue(tx, playbook.id, concurrency);
  const inserted = await insertRun(tx, {
    id: runId,
    kind: input.isDryRun ? 'plan' : 'playbook',
    title,
    trigger: start.trigger,
    triggerId: start.triggerId ?? null,
    actor: start.actor,
    parentRunId: start.parent?.runId ?? null,
    rootRunId: input.rootRunId,
    subject: { kind: 'playbook', id: playbook.id, version: playbook.version },
    inputs: input.inputs as never,
    strand: definition.steps.map(({ id }) => ({ id, status: 'pending' })),
    tags: start.tags ?? [],
    workflowType: RunPlaybook.type,
    taskQueue: RunPlaybook.taskQueue,
    sealedInput: await vault.seal(JSON.stringify(input), runInputContext(start.workspaceId, runId)),
    concurrency: concurrency && { key: concurrency.key, limit: concurrency.limit },
    rerunOf: start.rerunOf ?? null,
    isChild: start.parent !== undefined,
  });
  if (inserted.isNew) await keepRunSecrets(tx, vault, start.workspaceId, runId, secret);
  const admitted = inserted.admitted.map((ref) => (ref.id === runId ? { ...ref, input } : ref));
  const isWaiting = inserted.isNew && !start.parent && !admitted.some((ref) => ref.id === runId);
  if (concurrency && isWaiting) admitted.push(...(await whenBusy(tx, playbook.id, runId, concurrency, start.actor)));
  return { runId, isNew: inserted.isNew, admitted, input };
}

/** What a run's sealed input is sealed for. */
export const runInputContext = (workspaceId: string, runId: string) => ({
  workspaceId,
  purpose: 'secret' as const,
  subject: `run-input:${runId}`,
});

/** The concurrency of a document with its key rendered; a key that cannot be rendered refuses the start. */
function turnOfRun(input: RunPlaybookInput): Turn | null {
  const now = new Date();
  try {
    return turnOf(engineInput(input, now.toISOString()), now.getTime());
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (typeof code !== 'string') throw error;
    throw new InputsRefused([{ code, path: '/concurrency/key', message: String(message) } as InputError]);
  }
}

async function refuseFullQueue(tx: TenantTx, playbookId: string, { key, onBusy }: Turn): Promise<void> {
  if (onBusy !== 'queue') return;
  const { queued } = await tx
    .selectFrom('runs')
    .select(({ fn }) => fn.countAll<number>().as('queued'))
    .where('subjectId', '=', playbookId)
    .where('concurrencyKey', '=', key)
    .where('admittedAt', 'is', null)
    .where('endedAt', 'is', null)
    .executeTakeFirstOrThrow();
  if (queued >= mostQueuedOfKey) throw new Refusal('run.queue_full', { limit: mostQueuedOfKey, retryAfter: 30 });
}

/** The new run could not be let in: where its key is why, the playbook says what then. */
async function whenBusy(
  tx: TenantTx,
  playbookId: string,
  runId: string,
  { key, limit, onBusy }: Turn,
  actor: ActorRef,
): Promise<RunRef[]> {
  const holders = await tx
    .selectFrom('runs')
    .select('id')
    .where('subjectId', '=', playbookId)
    .where('concurrencyKey', '=', key)
    .where('admittedAt', 'is not', null)
    .where('endedAt', 'is', null)
    .orderBy('id')
    .execute();
  if (holders.length < limit) return []; // the workspace is full, not the key
  if (onBusy === 'skip') {
    const { admitted } = await endRun(tx, runId, {
      status: 'canceled',
      error: { code: 'run.skipped_busy', message: 'Another run with the same key was at work.' },
    });
    return admitted;
  }
  await tx
    .updateTable('runs')
    .set({ waitingFor: 'concurrency' })
    .where('id', '=', runId)
    .where(sql<boolean>`admitted_at is null`)
    .execute();
  const oldest = holders[0];
  if (onBusy === 'cancel' && oldest)
    return (
      (await requestCancel(tx, oldest.id, { actor, reason: 'A newer run with the same key takes its place.' }))
        ?.admitted ?? []
    );
  return [];
}
