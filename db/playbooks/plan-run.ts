import type {
  ChildRequest,
  Effects,
  QueryPlan,
  QueryRequest,
  RenderedSelection,
} from '#contracts/playbooks/engine/effects.ts';
import type { ErrorFacts } from '#contracts/playbooks/engine/failures.ts';
import { chooseHosts } from '#contracts/playbooks/engine/hosts/selection.ts';
import { type PlanEntry, planPlaybook } from '#contracts/playbooks/engine/plan.ts';
import { checkInputs } from '#contracts/playbooks/inputs.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import type { SecretRef } from '#contracts/playbooks/expressions/scope.ts';
import type { Plan } from '#contracts/playbooks/playbooks.ts';
import type { RunPlaybookInput } from '#contracts/playbooks/run-playbook.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import { planQueryStep } from '../queries/query-step.ts';
import { engineInput } from '#contracts/playbooks/engine-input.ts';
import { findArtifact } from './artifacts.ts';
import { pinKey } from './pins.ts';
import { readPlaybook } from './playbooks.ts';
import { openReferences } from './run-secrets.ts';

/** The workspace's servers as a selection sees them, with what the last check said. */
export async function readInventory(tx: TenantTx) {
  const rows = await tx
    .selectFrom('servers')
    .select(['id', 'name', 'host', 'port', 'tags', 'health', 'lastCheck', 'maintenanceSince', 'maintenanceUntil'])
    .execute();
  return rows.map(({ id, name, host, port, tags, health, lastCheck, maintenanceSince, maintenanceUntil }) => ({
    id,
    name,
    host,
    port,
    tags,
    inMaintenance: maintenanceSince !== null && (maintenanceUntil === null || maintenanceUntil > new Date()),
    reachable: health === 'unknown' ? null : health === 'healthy' || health === 'degraded',
    checkedAt: lastCheck?.at ?? null,
  }));
}

/** Chooses a step's hosts from the inventory as it is now. */
export async function selectServers(tx: TenantTx, selection: RenderedSelection, onlyHosts: readonly string[] | null) {
  const chosen = chooseHosts(selection, await readInventory(tx));
  return onlyHosts === null
    ? chosen
    : { ...chosen, hosts: chosen.hosts.filter(({ name }) => onlyHosts.includes(name)) };
}

/** Keyed hashes of secrets, so that a plan's hash tells that one has changed without telling what it is. */
export async function hashSecrets(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
  names: readonly string[],
  given: Record<string, Json> = {},
): Promise<Record<string, string>> {
  const refs = names.map((name) => ({ $secret: name }));
  const open = await openReferences(tx, vault, { workspaceId, runId, reader: null }, refs);
  // Of a plan that is no run, secret inputs are sealed nowhere: they are here.
  const reveal = (ref: SecretRef): Json => given[ref.$secret.replace(/^inputs\./, '')] ?? open(ref);
  const hashes = await Promise.all(
    refs.map(
      async (ref) =>
        [ref.$secret, await vault.keyedHash(JSON.stringify(reveal(ref)), { workspaceId, use: 'plan' })] as const,
    ),
  );
  return Object.fromEntries(hashes);
}

/** Size and hash of the stored files that a plan names; null for one that is not there. */
export async function describeArtifacts(
  tx: TenantTx,
  names: readonly string[],
): Promise<Record<string, { bytes: number; sha256: string } | null>> {
  const facts: Record<string, { bytes: number; sha256: string } | null> = {};
  for (const name of names) {
    const row = await findArtifact(tx, name);
    facts[name] = row ? { bytes: row.bytes, sha256: row.sha256 } : null;
  }
  return facts;
}

/** Walks a playbook without effect: hosts, rendered text, what depends on what, and the hash over all of it. */
export async function planRun(
  tx: TenantTx,
  vault: Vault,
  input: RunPlaybookInput,
  given: Record<string, Json> = {},
): Promise<Plan> {
  const { entries, hash } = await planPlaybook(
    engineInput(input, new Date().toISOString()),
    planEffects(tx, vault, input, given),
  );
  const servers = await readInventory(tx);
  const named = new Set(entries.flatMap(hostsIn));
  return {
    hash,
    entries: entries as unknown as Plan['entries'],
    reachability: Object.fromEntries(
      servers
        .filter(({ name }) => named.has(name))
        .map(({ name, reachable, checkedAt }) => [name, { reachable, checkedAt }]),
    ),
  };
}

const hostsIn = (entry: PlanEntry): string[] => [...(entry.hosts ?? []), ...(entry.plan ?? []).flatMap(hostsIn)];

function planEffects(tx: TenantTx, vault: Vault, input: RunPlaybookInput, given: Record<string, Json> = {}): Effects {
  const never = (): never => {
    throw new Error('A dry run asked for an effect.');
  };
  return {
    now: () => Date.now(),
    random: () => 0,
    sleep: () => Promise.resolve(),
    runHosts: never,
    http: never,
    connector: never,
    notify: never,
    ask: never,
    askOutcome: never,
    startPlaybook: never,
    runQuery: never,
    acquireLock: never,
    releaseLock: never,
    selectServers: (selection) => selectServers(tx, selection, input.onlyHosts),
    hashSecrets: (names) => hashSecrets(tx, vault, input.workspaceId, input.runId, names, given),
    describeArtifacts: (names) => describeArtifacts(tx, names),
    planQuery: (request) => planQuery(tx, input, request),
    seal: never,
    planPlaybook: (request) => planChild(tx, vault, input, request),
    record: () => undefined,
  };
}

async function planQuery(
  tx: TenantTx,
  { actor }: RunPlaybookInput,
  request: QueryRequest,
): Promise<QueryPlan | { error: ErrorFacts }> {
  try {
    return await planQueryStep(tx, { actor, request }, Date.now());
  } catch (error) {
    if (error instanceof Refusal) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

async function planChild(
  tx: TenantTx,
  vault: Vault,
  input: RunPlaybookInput,
  request: Pick<ChildRequest, 'playbook' | 'version' | 'inputs' | 'depth'>,
): Promise<readonly PlanEntry[] | null> {
  const pin = input.pins[pinKey(request.playbook, request.version)];
  const child = pin && (await readPlaybook(tx, { id: pin.id }, pin.version));
  if (!child) return null;
  const checked = checkInputs(child.definition.inputs ?? [], request.inputs);
  if (checked.errors.length > 0) return null;
  const childInput: RunPlaybookInput = {
    ...input,
    definition: child.definition,
    inputs: checked.values,
    depth: request.depth,
    carried: null,
    playbook: { id: child.id, name: child.name, version: child.version },
  };
  return (await planPlaybook(engineInput(childInput, new Date().toISOString()), planEffects(tx, vault, childInput)))
    .entries;
}
