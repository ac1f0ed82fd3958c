import { v7 as uuidv7 } from 'uuid';
import type { AssetPatch } from '#contracts/assets/assets.ts';
import type { BulkActs, BulkOutcome, UndoOutcome } from '#contracts/assets/change-many.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal } from '../kit/refusal.ts';
import {
  type AssetFields, type AssetWriter, checkFields, differences, fieldsOf, knownHere, patched, updateAssets,
} from './write-assets.ts'; // prettier-ignore
import type { AttributeValue } from '#contracts/assets/asset-types.ts';
import { setRelations, type WantedRelation } from './set-relations.ts';
import type { FieldChange } from './tables.ts';

/**
 * Changes many assets at once, all or those that may be: one that is refused leaves the others changed, and its name says so.
 * @returns what has changed, or with `dryRun` what would
 */
export async function changeMany(
  tx: TenantTx,
  ids: readonly string[],
  acts: BulkActs,
  writer: AssetWriter,
  dryRun = false,
): Promise<BulkOutcome> {
  const rows = await tx
    .selectFrom('assets')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .orderBy('id') // two that change the same assets at once take them in the same order
    .forUpdate()
    .execute();
  const known = await knownHere(tx);
  const there = new Set(rows.map(({ id }) => id));
  const failed: BulkOutcome['failed'] = [...new Set(ids)]
    .filter((id) => !there.has(id))
    .map((id) => ({ id, name: null, error: 'request.not_found', message: 'The asset is gone.' }));
  const work: { id: string; name: string; fields: AssetFields; version: number; changes: FieldChange[] }[] = [];
  for (const row of rows) {
    const before = fieldsOf(row);
    const after = patched(before, patchOf(before, acts), writer.source);
    const changes = differences(before, after);
    if (changes.length === 0) continue;
    try {
      checkFields(known, before, after);
      work.push({ id: row.id, name: row.name, fields: after, version: row.version + 1, changes });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed.push({ id: row.id, name: row.name, error: error.code, message: error.message });
    }
  }
  const batchId = writer.batchId ?? uuidv7();
  if (!dryRun) await updateAssets(tx, work, { ...writer, batchId });
  return {
    changed: work.map(({ id, name, changes }) => ({
      id,
      name,
      changes: changes.map(({ field, before, after }) => ({ field, before, after })),
    })),
    failed,
    batchId: dryRun || work.length === 0 ? (writer.batchId ?? null) : batchId,
  };
}

const patchOf = (before: AssetFields, { addTags, removeTags, owner, state, criticality }: BulkActs): AssetPatch => ({
  ...(owner !== undefined && { owner }),
  ...(state && { state }),
  ...(criticality && { criticality }),
  ...((addTags ?? removeTags) && {
    tags: [...new Set([...before.tags, ...(addTags ?? [])])].filter((tag) => !removeTags?.includes(tag)).sort(),
  }),
});

/**
 * Takes a change of many back, the newest first, a portion at a time: what was made goes, what was changed is as it was.
 * An asset that was changed since stays as it is. Repeatable: each change is taken back once.
 * @returns what was done, and whether there is more; undefined where no such change is known
 */
export async function undoBatch(
  tx: TenantTx,
  batchId: string,
  writer: Omit<AssetWriter, 'batchId'>,
  most = 500,
): Promise<(UndoOutcome & { isDone: boolean }) | undefined> {
  const changes = await tx
    .selectFrom('assetChanges as c')
    .innerJoin('assets as a', (join) =>
      join.onRef('a.workspaceId', '=', 'c.workspaceId').onRef('a.id', '=', 'c.assetId'),
    )
    .select(['c.id as changeId', 'c.act', 'c.version as changedTo', 'c.changes'])
    .selectAll('a')
    .where('c.batchId', '=', batchId)
    .where('c.undoneAt', 'is', null)
    .orderBy('c.id', 'desc')
    .limit(most + 1)
    .forUpdate()
    .execute();
  const some = changes.slice(0, most);
  if (some.length === 0) return (await isKnown(tx, batchId)) ? { undone: 0, kept: [], isDone: true } : undefined;
  const kept: UndoOutcome['kept'] = [];
  const made: string[] = [];
  const back: { id: string; fields: AssetFields; version: number; changes: FieldChange[] }[] = [];
  for (const { act, changedTo, changes: done, changeId: _, ...row } of some) {
    if (row.version !== changedTo) kept.push({ id: row.id, name: row.name, reason: 'It was changed since.' });
    else if (act === 'created' || act === 'imported') made.push(row.id);
    else {
      const before = fieldsOf(row);
      const after = restored(before, done);
      back.push({ id: row.id, fields: after, version: row.version + 1, changes: differences(before, after) });
    }
  }
  const ids = some.map(({ changeId }) => changeId);
  await tx
    .updateTable('assetChanges')
    .set({ undoneAt: new Date() })
    .where('id', 'in', ids)
    .where('batchId', '=', batchId)
    .execute();
  if (made.length > 0) await tx.deleteFrom('assets').where('id', 'in', made).execute();
  await updateAssets(tx, back, writer, 'undone');
  for (const { changes, id, version, changedTo } of some) {
    const relations = changes.find(({ field }) => field === 'relations');
    if (relations && version === changedTo && !made.includes(id))
      await setRelations(tx, id, relations.before as WantedRelation[], writer.actor); // it was written by an import
  }
  return { undone: made.length + back.length, kept, isDone: changes.length <= most };
}

const isKnown = async (tx: TenantTx, batchId: string): Promise<boolean> =>
  (await tx.selectFrom('assetChanges').select('id').where('batchId', '=', batchId).limit(1).execute()).length > 0;

/** Fields as they were before these changes. */
function restored(now: AssetFields, changes: readonly FieldChange[]): AssetFields {
  const before: AssetFields = {
    ...now,
    attributes: { ...now.attributes },
    attributeSources: { ...now.attributeSources },
  };
  for (const { field, before: was, source } of changes) {
    if (field === 'relations') continue;
    if (!field.startsWith('attributes.')) {
      Object.assign(before, { [field]: was });
      continue;
    }
    const name = field.slice('attributes.'.length);
    if (was === null) delete before.attributes[name];
    else before.attributes[name] = was as AttributeValue; // it was written from an attribute by `differences`
    if (source) before.attributeSources[name] = source;
    else delete before.attributeSources[name];
  }
  return before;
}
