import type { Playbook } from '#contracts/playbooks/document.ts';
import type { PinnedPlaybook } from '#contracts/playbooks/run-playbook.ts';
import { isId } from '../kit/is-id.ts';
import type { TenantTx } from '../kit/database.ts';
import { readPlaybook } from './playbooks.ts';

/** The playbooks that a document calls, as `playbook` steps name them. */
export function calledPlaybooks(value: unknown): { name: string; version?: number }[] {
  if (Array.isArray(value)) return value.flatMap(calledPlaybooks);
  if (typeof value !== 'object' || value === null) return [];
  const step = value as Record<string, unknown>;
  const own =
    step['kind'] === 'playbook' && typeof step['id'] === 'string' && typeof step['playbook'] === 'string'
      ? [{ name: step['playbook'], ...(typeof step['version'] === 'number' && { version: step['version'] }) }]
      : [];
  return [...own, ...Object.values(step).flatMap(calledPlaybooks)];
}

/** By name or id, whichever a step wrote. */
export const playbookKey = (nameOrId: string): { id: string } | { name: string } =>
  isId(nameOrId) ? { id: nameOrId } : { name: nameOrId };

/**
 * Fixes, once for the whole tree, which version each called playbook has (playbook-language §8): the newest now, or
 * the one that the step names. Keys are `name` or `id`, with `@version` where a step pins one.
 */
export async function pinPlaybooks(tx: TenantTx, definition: Playbook): Promise<Record<string, PinnedPlaybook>> {
  const pins: Record<string, PinnedPlaybook> = {};
  const open = calledPlaybooks(definition);
  for (let call = open.pop(); call; call = open.pop()) {
    const key = pinKey(call.name, call.version ?? null);
    if (pins[key]) continue;
    const found = await readPlaybook(tx, playbookKey(call.name), call.version);
    if (!found) continue; // the step itself fails by `playbook.unknown`
    pins[key] = { id: found.id, name: found.name, version: found.version };
    open.push(...calledPlaybooks(found.definition));
  }
  return pins;
}

export const pinKey = (name: string, version: number | null): string =>
  version === null ? name : `${name}@${version}`;
