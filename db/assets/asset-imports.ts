import { type Selectable, sql } from 'kysely';
import type { AssetImport, AssetImportRow, ImportAct, ImportCounts, ImportStatus } from '#contracts/assets/imports.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import type { AssetImportsTable } from './tables.ts';

type ImportRecord = Selectable<AssetImportsTable>;
const noCounts: ImportCounts = {
  rows: 0,
  create: 0,
  update: 0,
  unchanged: 0,
  refuse: 0,
  applied: 0,
  undone: 0,
  kept: 0,
};

const show = (row: ImportRecord): AssetImport => ({
  id: row.id,
  fileName: row.fileName,
  format: row.format,
  matchBy: row.matchBy,
  allOrNothing: row.allOrNothing,
  status: row.status,
  counts: { ...noCounts, ...row.counts },
  failure: row.failure,
  readRunId: row.planRunId,
  applyRunId: row.applyRunId,
  undoRunId: row.undoRunId,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
});

/** Imports, newest first. Ids are UUIDv7, so an id is a cursor. */
export async function listAssetImports(
  tx: TenantTx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ data: AssetImport[]; pagination: { limit: number; nextCursor: string | null } }> {
  let query = tx.selectFrom('assetImports').selectAll();
  if (cursor) query = query.where('id', '<', cursor);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map(show);
  return { data, pagination: { limit, nextCursor: rows.length > limit ? (data.at(-1)?.id ?? null) : null } };
}

/** One import with the file it came from; for a change of it locked. */
export async function findAssetImport(
  tx: TenantTx,
  id: string,
  { lock = false } = {},
): Promise<{ shown: AssetImport; artifactId: string | null } | undefined> {
  const query = tx.selectFrom('assetImports').selectAll().where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row && { shown: show(row), artifactId: row.artifactId };
}

export async function insertAssetImport(
  tx: TenantTx,
  values: Pick<ImportRecord, 'id' | 'artifactId' | 'fileName' | 'format' | 'matchBy' | 'allOrNothing'> & {
    readRunId: string;
    by: ActorRef;
  },
): Promise<void> {
  const { readRunId, by, ...rest } = values;
  await tx
    .insertInto('assetImports')
    .values({ ...rest, status: 'reading', planRunId: readRunId, failure: 'null', createdBy: JSON.stringify(by) })
    .execute();
}

/** Moves an import on and says so. */
export async function moveImport(
  tx: TenantTx,
  id: string,
  change: {
    status?: ImportStatus;
    counts?: ImportCounts;
    failure?: { code: string; message: string } | null;
    applyRunId?: string;
    undoRunId?: string;
    isEnded?: boolean;
  },
): Promise<void> {
  const { counts, failure, isEnded, ...rest } = change;
  await tx
    .updateTable('assetImports')
    .set({
      ...rest,
      ...(counts && { counts: JSON.stringify(counts) }),
      ...(failure !== undefined && { failure: JSON.stringify(failure) }),
      ...(isEnded && { endedAt: new Date() }),
    })
    .where('id', '=', id)
    .execute();
  await appendEvent(tx, {
    type: 'asset_import.changed',
    subject: `asset_import:${id}`,
    data: { status: change.status },
  });
}

/** @throws Refusal `asset_import.not_ready` */
export function mustBe(found: AssetImport, isRight: boolean): void {
  if (!isRight) throw new Refusal('asset_import.not_ready', { status: found.status });
}

/** What the lines of an import come to, counted. */
export async function countImportRows(tx: TenantTx, importId: string): Promise<ImportCounts> {
  const { rows } = await sql<{ act: ImportAct; state: string; lines: number }>`
    select act, state, count(*)::int as lines from asset_import_rows where import_id = ${importId} group by 1, 2`.execute(
    tx,
  );
  const counts = { ...noCounts };
  for (const { act, state, lines } of rows) {
    counts.rows += lines;
    counts[state === 'refused' ? 'refuse' : act] += lines;
    if (state === 'applied' || state === 'undone' || state === 'kept') counts[state] += lines;
  }
  return counts;
}

/** Lines in the order of the file. */
export async function listImportRows(
  tx: TenantTx,
  importId: string,
  { limit, cursor, act }: { limit: number; cursor?: number | undefined; act?: ImportAct | undefined },
): Promise<{ data: AssetImportRow[]; pagination: { limit: number; nextCursor: string | null } }> {
  let query = tx
    .selectFrom('assetImportRows')
    .select(['line', 'key', 'name', 'act', 'assetId', 'changes', 'errors', 'state'])
    .where('importId', '=', importId);
  if (act) query = query.where('act', '=', act);
  if (cursor !== undefined) query = query.where('line', '>', cursor);
  const rows = await query
    .orderBy('line')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map((row): AssetImportRow => ({
    ...row,
    changes: row.changes.map(({ field, before, after }) => ({ field, before, after })),
  }));
  const last = data.at(-1);
  return { data, pagination: { limit, nextCursor: last && rows.length > limit ? String(last.line) : null } };
}
