import { windlass } from '#contracts/kit/windlass-actor.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Input, Json, JsonObject } from '#contracts/playbooks/document.ts';
import type { SecretRef } from '#contracts/playbooks/expressions/scope.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { openSecrets } from '../settings/secrets.ts';

/** What stands for a secret's value wherever a person or a history can see it. */
export const hidden = '[secret]';

/** Whether a declared input holds secrets, by itself or within. */
export const isSecretInput = (input: Pick<Input, 'type' | 'secret' | 'fields' | 'items'>): boolean =>
  input.type === 'secret' ||
  input.secret === true ||
  (input.fields ?? []).some(isSecretInput) ||
  (input.items !== undefined && isSecretInput(input.items));

/** Parts given inputs into what may be seen, secrets as a mark, and the values that are to be sealed with the run. */
export function partSecrets(
  declarations: readonly Input[],
  values: JsonObject,
): { visible: JsonObject; secret: Record<string, Json> } {
  const visible: Record<string, Json> = { ...values };
  const secret: Record<string, Json> = {};
  for (const input of declarations) {
    const value = values[input.name];
    if (value === undefined || value === null || !isSecretInput(input)) continue;
    secret[input.name] = value;
    visible[input.name] = mask(input, value);
  }
  return { visible, secret };
}

function mask(input: Pick<Input, 'type' | 'secret' | 'fields' | 'items'>, value: Json): Json {
  if (value === null) return null;
  if (input.type === 'secret' || input.secret === true) return hidden;
  const { items, fields } = input;
  if (items && Array.isArray(value)) return (value as readonly Json[]).map((item) => mask(items, item));
  if (fields && typeof value === 'object' && !Array.isArray(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => {
        const field = fields.find((declared) => declared.name === name);
        return [name, field ? mask(field, part) : part];
      }),
    );
  }
  return value;
}

const contextOf = (workspaceId: string, runId: string) => ({ workspaceId, purpose: 'secret' as const, subject: runId });

/** Seals the secret inputs of a run under its id. */
export async function keepRunSecrets(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
  secrets: Record<string, Json>,
): Promise<void> {
  const rows = await Promise.all(
    Object.entries(secrets).map(async ([name, value]) => ({
      runId,
      name,
      sealed: await vault.seal(JSON.stringify(value), contextOf(workspaceId, runId)),
    })),
  );
  if (rows.length > 0)
    await tx
      .insertInto('runSecrets')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

/** The secret inputs of a run, opened: for a rerun that carries them, and for the activities that use them. */
export async function openRunSecrets(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
): Promise<Record<string, Json>> {
  const rows = await tx.selectFrom('runSecrets').select(['name', 'sealed']).where('runId', '=', runId).execute();
  const opened = await Promise.all(
    rows.map(
      async ({ name, sealed }) =>
        [name, JSON.parse((await vault.open(sealed, contextOf(workspaceId, runId))).reveal()) as Json] as const,
    ),
  );
  return Object.fromEntries(opened);
}

/** Seals the result of a `sensitive` step, so that later steps can use it and nobody can see it. */
export async function keepSealedOutput(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
  name: string,
  value: Json,
): Promise<void> {
  const sealed = await vault.seal(JSON.stringify(value), contextOf(workspaceId, runId));
  await tx
    .insertInto('runSecrets')
    .values({ runId, name, sealed })
    // The values of a repeated attempt are the ones that count.
    .onConflict((conflict) => conflict.columns(['workspaceId', 'runId', 'name']).doUpdateSet({ sealed }))
    .execute();
}

/** Follows a reference's path into a value; what is not there is null. */
export const selectPath = (value: Json, path: readonly (string | number)[] = []): Json =>
  path.reduce<Json>((part, key) => {
    if (Array.isArray(part)) return (part[Number(key)] as Json | undefined) ?? null;
    if (typeof part === 'object' && part !== null) return (part as JsonObject)[String(key)] ?? null;
    return null;
  }, value);

/** Who opens secrets, for the audit log; null where nothing leaves the process but a keyed hash. */
export type Reader = ActorRef | null;

/**
 * Opens what references name: `secrets.x` of the workspace, `inputs.x` and `steps.…` of the run. Reading a secret of
 * the workspace leaves an audit entry.
 * @throws Refusal `secret.missing` where a workspace secret is gone meanwhile
 */
export async function openReferences(
  tx: TenantTx,
  vault: Vault,
  { workspaceId, runId, reader }: { workspaceId: string; runId: string; reader: Reader },
  refs: readonly SecretRef[],
): Promise<(ref: SecretRef) => Json> {
  const names = [...new Set(refs.map((ref) => ref.$secret))];
  const ofWorkspace = new Set(
    names.filter((name) => name.startsWith(workspacePrefix)).map((name) => name.slice(workspacePrefix.length)),
  );
  const values = new Map<string, Json>();
  for (const name of names.filter((one) => !one.startsWith(workspacePrefix))) {
    const value = await openRunSecret(tx, vault, workspaceId, runId, name);
    // A secret input may name a secret of the workspace instead of holding a value.
    const ref =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)['ref'] : undefined;
    if (typeof ref === 'string' && name.startsWith('inputs.')) {
      ofWorkspace.add(ref);
      values.set(name, { ref });
    } else values.set(name, value);
  }
  const opened = await openSecrets(tx, vault, {
    workspaceId,
    names: [...ofWorkspace],
    actor: reader ?? windlass,
    runId,
    isAudited: reader !== null,
  });
  for (const [name, secret] of opened) values.set(workspacePrefix + name, secret.reveal());
  for (const [name, value] of values) {
    const ref =
      name.startsWith('inputs.') && typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as JsonObject)['ref']
        : undefined;
    if (typeof ref === 'string') values.set(name, opened.get(ref)?.reveal() ?? null);
  }
  return (ref) => selectPath(values.get(ref.$secret) ?? null, ref.path);
}

const workspacePrefix = 'secrets.';

async function openRunSecret(
  tx: TenantTx,
  vault: Vault,
  workspaceId: string,
  runId: string,
  name: string,
): Promise<Json> {
  const stored = name.startsWith('inputs.') ? name.slice('inputs.'.length) : name;
  const row = await tx
    .selectFrom('runSecrets')
    .select('sealed')
    .where('runId', '=', runId)
    .where('name', '=', stored)
    .executeTakeFirst();
  return row ? (JSON.parse((await vault.open(row.sealed, contextOf(workspaceId, runId))).reveal()) as Json) : null;
}
