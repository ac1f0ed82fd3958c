import { sql } from 'kysely';
import type { ActorRef, Json } from '#contracts/kit/schemas.ts';
import { hashOf } from '#contracts/playbooks/canonical.ts';
import type { Playbook as Definition, Step } from '#contracts/playbooks/document.ts';
import type { PlaybookSummary } from '#contracts/playbooks/playbooks.ts';
import { contains } from '../kit/like.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';

/** A playbook with one of its versions. */
export interface StoredPlaybook {
  id: string;
  name: string;
  version: number;
  newest: number;
  definition: Definition;
  yaml: string;
  note: string | null;
  hash: string;
  author: ActorRef;
  createdAt: Date;
}

export interface PlaybookSave {
  definition: Definition;
  yaml: string;
  note: string | null;
  actor: ActorRef;
}

/** Another playbook of the workspace has this name. */
export class NameTaken extends Error {
  override name = 'NameTaken';
}
/** Somebody else saved meanwhile. */
export class StaleVersion extends Error {
  override name = 'StaleVersion';
}

const countSteps = (steps: readonly Step[] | undefined): number => {
  let count = 0;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (typeof value === 'object' && value !== null) {
      if ('id' in value && 'kind' in value) count += 1;
      for (const item of Object.values(value)) visit(item);
    }
  };
  visit(steps);
  return count;
};

/** Saves the first version of a new playbook. @throws NameTaken */
export async function createPlaybook(tx: TenantTx, id: string, save: PlaybookSave): Promise<void> {
  await refuseTakenName(tx, save.definition.name, id);
  await tx
    .insertInto('playbooks')
    .values({ id, version: 1, ...columnsOf(save) })
    .execute();
  await insertVersion(tx, id, 1, save);
}

/**
 * Saves a new version. Saving what stands already makes none.
 * @param basedOn the version the change was made from, where the caller says so
 * @returns the version now newest; null where there is no such playbook
 * @throws StaleVersion, NameTaken
 */
export async function savePlaybook(
  tx: TenantTx,
  id: string,
  save: PlaybookSave,
  basedOn: number | undefined,
): Promise<number | null> {
  const current = await tx
    .selectFrom('playbooks')
    .select(['version'])
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (!current) return null;
  if (basedOn !== undefined && basedOn !== current.version) throw new StaleVersion();
  await refuseTakenName(tx, save.definition.name, id);
  const newest = await tx
    .selectFrom('playbookVersions')
    .select('yaml')
    .where('playbookId', '=', id)
    .where('version', '=', current.version)
    .executeTakeFirst();
  if (newest?.yaml === save.yaml) return current.version;
  const version = current.version + 1;
  await tx
    .updateTable('playbooks')
    .set({ version, updatedAt: sql`now()`, ...columnsOf(save) })
    .where('id', '=', id)
    .execute();
  await insertVersion(tx, id, version, save);
  return version;
}

const columnsOf = ({ definition, actor }: PlaybookSave) => ({
  name: definition.name,
  description: definition.description ?? null,
  stepCount: countSteps(definition.steps) + countSteps(definition.finally),
  inputCount: definition.inputs?.length ?? 0,
  updatedBy: JSON.stringify(actor),
});

async function insertVersion(
  tx: TenantTx,
  id: string,
  version: number,
  { definition, yaml, note, actor }: PlaybookSave,
): Promise<void> {
  await tx
    .insertInto('playbookVersions')
    .values({
      playbookId: id,
      version,
      definition: JSON.stringify(definition),
      yaml,
      note,
      hash: hashOf(definition as never),
      author: JSON.stringify(actor),
    })
    .execute();
  await appendEvent(tx, {
    type: 'playbook.saved',
    subject: `playbook:${id}`,
    actor,
    data: { name: definition.name, version, note },
  });
}

async function refuseTakenName(tx: TenantTx, name: string, id: string): Promise<void> {
  const other = await tx
    .selectFrom('playbooks')
    .select('id')
    .where('name', '=', name)
    .where('deletedAt', 'is', null)
    .where('id', '<>', id)
    .executeTakeFirst();
  if (other) throw new NameTaken(`Another playbook is called “${name}”.`);
}

/** One playbook, its newest version or another. @returns null where there is none */
export async function readPlaybook(
  tx: TenantTx,
  idOrName: { id: string } | { name: string },
  version?: number,
): Promise<StoredPlaybook | null> {
  let query = tx
    .selectFrom('playbooks as p')
    .innerJoin('playbookVersions as v', (join) =>
      join.onRef('v.workspaceId', '=', 'p.workspaceId').onRef('v.playbookId', '=', 'p.id'),
    )
    .select([
      'p.id',
      'p.name',
      'p.version as newest',
      'v.version',
      'v.definition',
      'v.yaml',
      'v.note',
      'v.hash',
      'v.author',
      'v.createdAt',
    ])
    .where('p.deletedAt', 'is', null);
  query = 'id' in idOrName ? query.where('p.id', '=', idOrName.id) : query.where('p.name', '=', idOrName.name);
  query =
    version === undefined ? query.whereRef('v.version', '=', 'p.version') : query.where('v.version', '=', version);
  const row = await query.executeTakeFirst();
  // Only valid documents are ever saved.
  return row ? { ...row, definition: row.definition as unknown as Definition } : null;
}

export interface PlaybookPage {
  data: PlaybookSummary[];
  pagination: { limit: number; nextCursor: string | null };
}

/** Playbooks by pages, each with its last run. */
export async function listPlaybooks(
  tx: TenantTx,
  {
    q,
    sort,
    cursor,
    limit,
    id,
  }: { q?: string | undefined; sort: 'name' | '-updatedAt'; cursor?: string | undefined; limit: number; id?: string },
): Promise<PlaybookPage> {
  const offset = cursor === undefined ? 0 : Number.parseInt(cursor, 10) || 0;
  const like = q ? contains(q) : null;
  const { rows } = await sql<{
    id: string;
    name: string;
    description: string | null;
    version: number;
    stepCount: number;
    inputCount: number;
    updatedAt: Date;
    updatedBy: ActorRef;
    runsAlive: number;
    lastRun: { id: string; status: string; createdAt: string; endedAt: string | null } | null;
  }>`
    select p.id, p.name, p.description, p.version, p.step_count as "stepCount", p.input_count as "inputCount",
      p.updated_at as "updatedAt", p.updated_by as "updatedBy",
      (select count(*)::int from runs r where r.subject_kind = 'playbook' and r.subject_id = p.id::text and r.ended_at is null) as "runsAlive",
      (select jsonb_build_object('id', r.id, 'status', r.status, 'createdAt', r.created_at, 'endedAt', r.ended_at)
         from runs r where r.subject_kind = 'playbook' and r.subject_id = p.id::text order by r.id desc limit 1) as "lastRun"
    from playbooks p
    where p.deleted_at is null
      and (${like}::text is null or p.name ilike ${like} or p.description ilike ${like})
      and (${id ?? null}::uuid is null or p.id = ${id ?? null}::uuid)
    order by ${sort === 'name' ? sql`lower(p.name), p.id` : sql`p.updated_at desc, p.id`}
    limit ${limit + 1} offset ${offset}`.execute(tx);
  const data = rows.slice(0, limit).map((row) => ({
    ...row,
    updatedAt: row.updatedAt.toISOString(),
    lastRun: row.lastRun && {
      id: row.lastRun.id,
      status: row.lastRun.status as NonNullable<PlaybookSummary['lastRun']>['status'],
      createdAt: new Date(row.lastRun.createdAt).toISOString(),
      endedAt: row.lastRun.endedAt === null ? null : new Date(row.lastRun.endedAt).toISOString(),
    },
  }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? String(offset + limit) : null } };
}

/** Versions of a playbook, newest first. The cursor is a version. */
export async function listVersions(
  tx: TenantTx,
  id: string,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
) {
  let query = tx
    .selectFrom('playbookVersions')
    .select(['version', 'note', 'author', 'createdAt', 'hash'])
    .where('playbookId', '=', id);
  if (cursor !== undefined) query = query.where('version', '<', Number.parseInt(cursor, 10) || 0);
  const rows = await query
    .orderBy('version', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  return { data, pagination: { limit, nextCursor: rows.length > limit ? String(data.at(-1)?.version) : null } };
}

/** Takes a playbook out of use. Its versions and runs stay. @returns its name, or null where there is none */
export async function deletePlaybook(tx: TenantTx, id: string, actor: ActorRef): Promise<string | null> {
  const row = await tx
    .updateTable('playbooks')
    .set({ deletedAt: sql`now()` })
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .returning('name')
    .executeTakeFirst();
  if (!row) return null;
  await appendEvent(tx, { type: 'playbook.deleted', subject: `playbook:${id}`, actor, data: { name: row.name } });
  return row.name;
}

export async function readTests(tx: TenantTx, id: string): Promise<Record<string, Json>[] | null> {
  const row = await tx
    .selectFrom('playbooks')
    .select('tests')
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  return row?.tests ?? null;
}
export async function saveTests(tx: TenantTx, id: string, tests: readonly unknown[]): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('playbooks')
    .set({ tests: JSON.stringify(tests) })
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
