import { sql } from 'kysely';
import { type Artifact, mostArtifactBytes, mostStoredBytes } from '#contracts/playbooks/artifacts.ts';
import type { TenantTx } from '../kit/database.ts';
import { type ArtifactRow, showArtifact } from './artifacts.ts';

const mostPlaybooks = 20;
const mostRuns = 20;

/** Names and ids that the upload steps of a document name, however deep they stand. A template names nothing yet. */
const named = sql`jsonb_path_query(v.definition, 'strict $.** ? (@.kind == "upload" && exists(@.artifact)).artifact', '{}', true) #>> '{}'`;

/** Which playbooks upload each of these files by name or id, by the name of the playbook. */
async function usesOf(tx: TenantTx, files: readonly Pick<ArtifactRow, 'id' | 'name'>[]) {
  const uses = new Map<string, Artifact['usedBy']>();
  if (files.length === 0) return uses;
  const { rows } = await sql<{ id: string; name: string; artifact: string }>`
    select distinct p.id, p.name, lower(p.name), used.artifact
    from playbooks p
    join playbook_versions v on v.workspace_id = p.workspace_id and v.playbook_id = p.id and v.version = p.version
    cross join lateral (select ${named} as artifact) used
    where p.deleted_at is null and used.artifact = any(${files.flatMap(({ id, name }) => [id, name])}::text[])
    order by lower(p.name), p.id`.execute(tx);
  for (const file of files) {
    const playbooks = new Map(
      rows
        .filter(({ artifact }) => artifact === file.name || artifact === file.id)
        .map(({ id, name }) => [id, { id, name }] as const),
    );
    uses.set(file.id, [...playbooks.values()].slice(0, mostPlaybooks));
  }
  return uses;
}

/** Stored files with who uses them, as the API shows them. */
export async function withUses(tx: TenantTx, files: readonly ArtifactRow[]): Promise<Artifact[]> {
  const uses = await usesOf(tx, files);
  return files.map((file) => showArtifact(file, uses.get(file.id) ?? []));
}

/** Open runs of the playbooks that upload a file, newest first. */
export async function listArtifactRuns(tx: TenantTx, file: ArtifactRow) {
  const playbooks = (await usesOf(tx, [file])).get(file.id) ?? [];
  if (playbooks.length === 0) return [];
  const rows = await tx
    .selectFrom('runs')
    .select(['id', 'title', 'status', 'createdAt'])
    .where('endedAt', 'is', null)
    .where(
      'subjectId',
      'in',
      playbooks.map(({ id }) => id),
    )
    .orderBy('id', 'desc')
    .limit(mostRuns)
    .execute();
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** How much of the place for files is taken. */
export async function countArtifacts(tx: TenantTx) {
  const { files, bytes } = await tx
    .selectFrom('artifacts')
    .select((eb) => [
      eb.fn.countAll<number>().as('files'),
      eb.fn.coalesce(eb.fn.sum<number>('bytes'), eb.lit(0)).as('bytes'),
    ])
    .where('storedAt', 'is not', null)
    .executeTakeFirstOrThrow();
  return { files: Number(files), bytes: Number(bytes), mostBytes: mostStoredBytes, mostFileBytes: mostArtifactBytes };
}
