import { v7 as uuidv7 } from 'uuid';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { recordAudit } from '../audit/audit-entries.ts';
import { appendEvent } from '../events/append-event.ts';
import type { SystemTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import { boundTo } from './people.ts';

export interface NewWorkspace {
  name: string;
  slug?: string | undefined;
  ownerId: string;
  actor: ActorRef;
  accessTokenMinutes: number;
  address: string | null;
  requestId: string | null;
}

/** Makes a workspace with its settings and first owner. */
export async function createWorkspace(
  tx: SystemTx,
  { name, slug, ownerId, actor, accessTokenMinutes, address, requestId }: NewWorkspace,
): Promise<string> {
  const id = uuidv7();
  const shortName = slug ?? (await freeSlug(tx, name));
  try {
    await tx.insertInto('workspaces').values({ id, slug: shortName, name }).execute();
  } catch (error) {
    if (violates(error, 'workspaces_slug_key')) throw new Refusal('identity.slug_taken', { slug: shortName });
    throw error;
  }
  const bound = await boundTo(tx, id);
  await tx.insertInto('members').values({ workspaceId: id, userId: ownerId, role: 'owner' }).execute();
  await tx.insertInto('settings').values({ workspaceId: id, accessTokenMinutes }).execute();
  const subject = `workspace:${id}`;
  await recordAudit(bound, {
    actor,
    action: 'workspace.created',
    subject,
    title: name,
    after: { name, slug: shortName },
    address,
    requestId,
  });
  await appendEvent(bound, {
    type: 'member.changed',
    subject: `member:${ownerId}`,
    actor,
    data: { userId: ownerId, role: 'owner', change: 'added' },
  });
  return id;
}

/** A short name that addresses can carry: `Alder & Finch` becomes `alder-finch`, the second of that name `alder-finch-2`. */
async function freeSlug(tx: SystemTx, name: string): Promise<string> {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const base = plain || 'workspace';
  const rows = await tx.selectFrom('workspaces').select('slug').where('slug', 'like', `${base}%`).execute();
  const taken = new Set(rows.map(({ slug }) => slug));
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}
