import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { Json } from '#contracts/playbooks/document.ts';
import { type SecretRef, fillSecrets, secretRefsIn } from '#contracts/playbooks/expressions/scope.ts';
import { type Masker, createMasker } from '#contracts/playbooks/masking.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { openReferences, openRunSecrets } from '#db/playbooks/run-secrets.ts';
import type { Vault } from '#system/vault/vault.ts';

/** A rendered request with its secrets put in, and what masks every secret of the run in what comes back. */
export interface Revealed {
  fill: <T>(rendered: T) => T;
  masker: Masker;
}

/** Whose secrets: the run, who it acts for, and the names of workspace secrets that its playbook uses anywhere. */
export interface RevealFor {
  workspaceId: string;
  runId: string;
  actor: ActorRef;
  usedSecrets: readonly string[];
}

/**
 * Opens what a request refers to. The masker knows all secrets of the run (playbook-language §9), not only those of
 * this step: a later step may print what an earlier one left on the host.
 */
export async function reveal(
  tx: TenantTx,
  vault: Vault,
  { workspaceId, runId, actor, usedSecrets }: RevealFor,
  rendered: unknown,
): Promise<Revealed> {
  const refs = secretRefsIn(rendered as Json);
  const look = await openReferences(tx, vault, { workspaceId, runId, reader: refs.length > 0 ? actor : null }, refs);
  const named = usedSecrets
    .filter((name) => !refs.some(({ $secret }) => $secret === `secrets.${name}`))
    .map((name): SecretRef => ({ $secret: `secrets.${name}` }));
  const lookElsewhere = await openReferences(tx, vault, { workspaceId, runId, reader: null }, named).catch(
    () => () => null,
  );
  const values = [
    ...refs.map((ref) => look({ $secret: ref.$secret })),
    ...named.map(lookElsewhere),
    ...Object.values(await openRunSecrets(tx, vault, workspaceId, runId)),
  ];
  return {
    fill: <T>(part: T): T => fillSecrets(part as Json, look) as T,
    masker: createMasker(values.flatMap(textsIn)),
  };
}

/** Every text within a secret value: a secret map or list has several. */
function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsIn);
  return typeof value === 'object' && value !== null
    ? Object.values(value as { [key: string]: Json }).flatMap(textsIn)
    : [];
}

/** The tools of calls that open secrets one by one: the values of references, and all texts to be masked. */
export async function openForCall(
  tx: TenantTx,
  vault: Vault,
  { workspaceId, runId, actor }: Omit<RevealFor, 'usedSecrets'>,
  refs: readonly SecretRef[],
) {
  const look = await openReferences(tx, vault, { workspaceId, runId, reader: refs.length > 0 ? actor : null }, refs);
  const whole = [
    ...refs.map((ref) => look({ $secret: ref.$secret })),
    ...Object.values(await openRunSecrets(tx, vault, workspaceId, runId)),
  ];
  return { reveal: look, values: whole.flatMap(textsIn) };
}
