import { sql } from 'kysely';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import {
  type ChangeQuerySnippet,
  type CreateQuerySnippet,
  mostSnippets,
  type QuerySnippet,
} from '#contracts/queries/query-snippets.ts';
import { faultOfSnippet } from '#contracts/queries/snippet-text.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';

type Somebody = ActorRef & { id: string };

/** What one person may see: what is shared, and what is theirs. */
const visible = (tx: TenantTx, personId: string) =>
  tx
    .selectFrom('querySnippets')
    .where(({ eb, or }) => or([eb('sharing', '=', 'workspace'), eb('ownerId', '=', personId)]))
    .select([
      'id',
      'trigger',
      'description',
      'body as text',
      'engine',
      'sharing',
      'owner',
      'createdAt',
      'updatedAt',
      'version',
    ]);
type Row = Awaited<ReturnType<ReturnType<typeof visible>['execute']>>[number];
const toSnippet = (row: Row): QuerySnippet => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** Every snippet that a person may see, by trigger. */
export const listQuerySnippets = async (tx: TenantTx, personId: string): Promise<QuerySnippet[]> =>
  (await visible(tx, personId).orderBy('triggerKey').orderBy('id').execute()).map(toSnippet);

/** One snippet. @returns null where this person sees none of this id */
export async function readQuerySnippet(tx: TenantTx, id: string, personId: string): Promise<QuerySnippet | null> {
  const row = await visible(tx, personId).where('id', '=', id).executeTakeFirst();
  return row ? toSnippet(row) : null;
}

/**
 * Makes a snippet; one of the same id stays as it is.
 * @throws Refusal `query_snippet.text_invalid`, `query_snippet.trigger_taken`, `query_snippet.too_many`
 */
export async function createQuerySnippet(
  tx: TenantTx,
  id: string,
  { text, ...fields }: CreateQuerySnippet,
  actor: Somebody,
): Promise<void> {
  mustBeSnippet(fields.engine, text);
  await mustHaveRoom(tx, { sharing: fields.sharing, ownerId: actor.id });
  const made = await naming(fields.trigger, () =>
    tx
      .insertInto('querySnippets')
      .values({ id, ...fields, body: text, owner: JSON.stringify(actor), ownerId: actor.id })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'id']).doNothing())
      .executeTakeFirst(),
  );
  if (made.numInsertedOrUpdatedRows === 0n) return;
  await tell(tx, id, actor, { trigger: fields.trigger, ...onlyFor({ sharing: fields.sharing, ownerId: actor.id }) });
}

/**
 * Changes a snippet; what is left out stays.
 * @param basedOn the version the change was made from, where the caller says so
 * @returns false where this person sees none of this id
 * @throws Refusal `request.stale`, and as `createQuerySnippet`
 */
export async function changeQuerySnippet(
  tx: TenantTx,
  id: string,
  { text, ...changes }: ChangeQuerySnippet,
  actor: Somebody,
  basedOn?: number,
): Promise<boolean> {
  const now = await tx
    .selectFrom('querySnippets')
    .select(['version', 'trigger', 'body', 'engine', 'sharing', 'ownerId'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!now || (now.sharing === 'private' && now.ownerId !== actor.id)) return false;
  if (basedOn !== undefined && basedOn !== now.version) throw new Refusal('request.stale');
  // Only its owner takes a shared snippet away from the others.
  if (changes.sharing === 'private' && now.ownerId !== actor.id)
    throw new Refusal('identity.permission_missing', { permission: 'queries:manage' });
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const after = { ...now, ...given } as typeof now;
  mustBeSnippet(after.engine, text ?? now.body);
  if (after.sharing !== now.sharing) await mustHaveRoom(tx, after);
  await naming(after.trigger, () =>
    tx
      .updateTable('querySnippets')
      .set({
        ...given,
        ...(text !== undefined && { body: text }),
        version: now.version + 1,
        updatedAt: sql<Date>`now()`,
      })
      .where('id', '=', id)
      .execute(),
  );
  // Others are told that it is not theirs to see any more, and nothing else of it.
  const isTakenAway = after.sharing === 'private' && now.sharing !== 'private';
  await tell(tx, id, actor, isTakenAway ? {} : { trigger: after.trigger, ...onlyFor(after) });
  return true;
}

/** @returns the trigger of what went; null where this person sees none of this id */
export async function deleteQuerySnippet(tx: TenantTx, id: string, actor: Somebody): Promise<string | null> {
  const gone = await tx
    .deleteFrom('querySnippets')
    .where('id', '=', id)
    .where(({ eb, or }) => or([eb('sharing', '=', 'workspace'), eb('ownerId', '=', actor.id)]))
    .returning(['trigger', 'sharing', 'ownerId'])
    .executeTakeFirst();
  if (!gone) return null;
  await tell(tx, id, actor, { trigger: gone.trigger, ...onlyFor(gone) });
  return gone.trigger;
}

function mustBeSnippet(engine: QuerySnippet['engine'], text: string): void {
  const why = faultOfSnippet(engine, text);
  if (why !== null) throw new Refusal('query_snippet.text_invalid', { why });
}

interface Whose {
  sharing: 'private' | 'workspace';
  ownerId: string;
}
async function mustHaveRoom(tx: TenantTx, { sharing, ownerId }: Whose): Promise<void> {
  let snippets = tx.selectFrom('querySnippets').where('sharing', '=', sharing);
  if (sharing === 'private') snippets = snippets.where('ownerId', '=', ownerId);
  const { count } = await snippets.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  if (count >= mostSnippets) throw new Refusal('query_snippet.too_many', { most: mostSnippets });
}

async function naming<T>(trigger: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const isTaken = violates(error, 'query_snippets_shared') || violates(error, 'query_snippets_own');
    throw isTaken ? new Refusal('query_snippet.trigger_taken', { trigger }) : error;
  }
}

const tell = (tx: TenantTx, id: string, actor: ActorRef, data: Record<string, unknown>): Promise<void> =>
  appendEvent(tx, { type: 'query_snippet.changed', subject: `query_snippet:${id}`, actor, data });

/** Of a private snippet streams tell its owner alone. */
const onlyFor = ({ sharing, ownerId }: Whose): { onlyFor?: string } =>
  sharing === 'private' ? { onlyFor: ownerId } : {};
