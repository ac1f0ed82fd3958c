import { sql } from 'kysely';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import type { Artifact } from '#contracts/playbooks/artifacts.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';

/** A part is written in a transaction of its own: one for a whole file would hold back every reader of the event stream. */
export const partBytes = 1_048_576;

export interface ArtifactRow {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
  createdBy: ActorRef;
  createdAt: Date;
  expiresAt: Date | null;
}
const columns = ['id', 'name', 'bytes', 'sha256', 'createdBy', 'createdAt', 'expiresAt'] as const;

const stored = (tx: TenantTx) =>
  tx
    .selectFrom('artifacts')
    .select(columns)
    .where('storedAt', 'is not', null)
    .$narrowType<{ sha256: string }>()
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', sql<Date>`now()`)]));

export const showArtifact = ({ createdAt, expiresAt, ...row }: ArtifactRow, usedBy: Artifact['usedBy']): Artifact => ({
  ...row,
  usedBy,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
});

/** A page of stored files, newest first. Ids are UUIDv7, so an id is a cursor. */
export async function listArtifacts(
  tx: TenantTx,
  { limit, cursor, q }: { limit: number; cursor?: string | undefined; q?: string | undefined },
): Promise<{ data: ArtifactRow[]; nextCursor: string | null }> {
  let query = stored(tx);
  if (cursor) query = query.where('id', '<', cursor);
  if (q) query = query.where('name', 'ilike', `%${q.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute(); // one more tells if more follow
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
}

export const readArtifact = (tx: TenantTx, id: string): Promise<ArtifactRow | undefined> =>
  stored(tx).where('id', '=', id).executeTakeFirst();

/** What a step names: by name, or by id for exactly these bytes. */
export const findArtifact = (tx: TenantTx, nameOrId: string): Promise<ArtifactRow | undefined> =>
  stored(tx)
    .where((eb) => eb.or([eb('name', '=', nameOrId), ...(isUuid(nameOrId) ? [eb('id', '=', nameOrId)] : [])]))
    .executeTakeFirst();

/** Begins a file, which nobody sees until it is whole. Refused where the name is taken already. */
export async function beginArtifact(
  tx: TenantTx,
  { name, actor, expiresAt }: { name: string; actor: ActorRef; expiresAt: Date | null },
): Promise<string> {
  await freeName(tx, name);
  const id = uuidv7();
  await tx
    .insertInto('artifacts')
    .values({ id, name, createdBy: JSON.stringify(actor), expiresAt })
    .execute();
  return id;
}

/** A file past its time is gone for everybody: its name must not wait for the sweep. */
async function freeName(tx: TenantTx, name: string): Promise<void> {
  await tx
    .deleteFrom('artifacts')
    .where('name', '=', name)
    .where('expiresAt', '<=', sql<Date>`now()`)
    .execute();
  if (await stored(tx).where('name', '=', name).executeTakeFirst()) throw new Refusal('artifact.name_taken', { name });
}

export async function addArtifactPart(tx: TenantTx, artifactId: string, part: number, content: Buffer): Promise<void> {
  await tx.insertInto('artifactParts').values({ artifactId, part, content }).execute();
}

/** The file is whole: from now on it is there. Refused where its name was taken meanwhile, or the store is full. */
export async function finishArtifact(
  tx: TenantTx,
  id: string,
  { bytes, sha256, mostStored }: { bytes: number; sha256: string; mostStored: number },
): Promise<ArtifactRow> {
  // Two that end at once must not both fit into the last place.
  await sql`select pg_advisory_xact_lock(hashtextextended('artifacts ' || current_setting('app.tenant_id'), 0))`.execute(
    tx,
  );
  const { total } = await tx
    .selectFrom('artifacts')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number>('bytes'), eb.lit(0)).as('total'))
    .where('storedAt', 'is not', null)
    .executeTakeFirstOrThrow();
  if (Number(total) + bytes > mostStored) throw new Refusal('artifact.store_full', { limit: mebibytes(mostStored) });
  try {
    return await tx
      .updateTable('artifacts')
      .set({ bytes, sha256, storedAt: sql<Date>`now()` })
      .where('id', '=', id)
      .returning(columns)
      .$narrowType<{ sha256: string }>()
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (violates(error, 'artifacts_name')) throw new Refusal('artifact.name_taken', { name: 'this' });
    throw error;
  }
}

export const mebibytes = (bytes: number): string => `${Math.floor(bytes / 1_048_576)} MiB`;

/** Deletes a file with its parts; undefined where there is none. */
export const deleteArtifact = (
  tx: TenantTx,
  id: string,
): Promise<{ name: string; sha256: string | null } | undefined> =>
  tx.deleteFrom('artifacts').where('id', '=', id).returning(['name', 'sha256']).executeTakeFirst();

/** Deletes a file that is past its time, or was begun a day ago and never ended. @returns how many went; 0: none is left */
export async function trimArtifact(tx: TenantTx): Promise<number> {
  // One at a time: the parts of many would make a long transaction.
  const { numAffectedRows } = await sql`
    delete from artifacts where (workspace_id, id) in (
      select workspace_id, id from artifacts
      where expires_at <= now() or (stored_at is null and created_at < now() - interval '1 day') limit 1)`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** One part of a file; undefined behind the last. */
export const readArtifactPart = async (tx: TenantTx, artifactId: string, part: number): Promise<Buffer | undefined> =>
  (
    await tx
      .selectFrom('artifactParts')
      .select('content')
      .where('artifactId', '=', artifactId)
      .where('part', '=', part)
      .executeTakeFirst()
  )?.content;
