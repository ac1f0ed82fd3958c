import type { Json } from '#contracts/kit/schemas.ts';
import {
  type FoundPlaybook,
  type PlaybookLookup,
  type Validation,
  validatePlaybook,
} from '#contracts/playbooks/validate.ts';
import type { TenantTx } from '../kit/database.ts';
import { calledPlaybooks, playbookKey, pinKey } from './pins.ts';
import { readPlaybook } from './playbooks.ts';

/** Checks a document against the workspace it is to live in: the playbooks it calls, its variables and secrets. */
export async function checkDocument(
  tx: TenantTx,
  definition: Json,
  playbookId: string | undefined,
): Promise<Validation> {
  const vars = await tx.selectFrom('variables').select('name').execute();
  const secrets = await tx.selectFrom('workspaceSecrets').select('name').execute();
  return validatePlaybook(definition, {
    playbooks: await lookUpCalled(tx, definition),
    ...(playbookId !== undefined && { playbookId }),
    vars: vars.map(({ name }) => name),
    secrets: secrets.map(({ name }) => name),
  });
}

/** Every playbook that a document calls, and those that these call, found beforehand: validation itself is pure. */
async function lookUpCalled(tx: TenantTx, definition: Json): Promise<PlaybookLookup> {
  const found = new Map<string, FoundPlaybook>();
  const open = calledPlaybooks(definition);
  for (let call = open.pop(); call; call = open.pop()) {
    const key = pinKey(call.name, call.version ?? null);
    if (found.has(key)) continue;
    const stored = await readPlaybook(tx, playbookKey(call.name), call.version);
    if (stored) {
      found.set(key, { name: stored.name, id: stored.id, definition: stored.definition });
      open.push(...calledPlaybooks(stored.definition));
    } else {
      const isThere = call.version !== undefined && (await readPlaybook(tx, playbookKey(call.name))) !== null;
      found.set(key, isThere ? 'version_unknown' : 'unknown');
    }
  }
  return (name, version) => found.get(pinKey(name, version ?? null)) ?? 'unknown';
}
