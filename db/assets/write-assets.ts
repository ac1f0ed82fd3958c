import { v7 as uuidv7 } from 'uuid';
import { type AttributeDef, attributeProblems, type AttributeValue } from '#contracts/assets/asset-types.ts';
import type { AssetPatch, AttributeSource, NewAsset } from '#contracts/assets/assets.ts';
import type { OwnerChoice } from '#contracts/assets/owners.ts';
import { mayBecome, nextStates } from '#contracts/assets/lifecycle.ts';
import type { ActorRef } from '#contracts/kit/schemas.ts';
import { naturalKey } from '#contracts/servers/server-fields.ts';
import type { TenantTx } from '../kit/database.ts';
import { Refusal, violates } from '../kit/refusal.ts';
import type { AssetRow } from './list-assets.ts';
import type { FieldChange } from './tables.ts';

/** Who changes assets, and by what. */
export interface AssetWriter {
  actor: ActorRef;
  source: AttributeSource;
  runId?: string | null;
  batchId?: string | null;
}

/** What an asset holds, as it is written and compared. */
export interface AssetFields {
  key: string;
  name: string;
  typeId: string;
  description: string;
  attributes: Record<string, AttributeValue>;
  attributeSources: Record<string, AttributeSource>;
  tags: string[];
  ownerId: string | null;
  ownerTeam: string | null;
  criticality: AssetRow['criticality'];
  state: AssetRow['state'];
  serverId: string | null;
}
export const fieldsOf = (row: AssetRow): AssetFields => ({
  key: row.key,
  name: row.name,
  typeId: row.typeId,
  description: row.description,
  attributes: row.attributes,
  attributeSources: row.attributeSources,
  tags: row.tags,
  ownerId: row.ownerId,
  ownerTeam: row.ownerTeam,
  criticality: row.criticality,
  state: row.state,
  serverId: row.serverId,
});

const ownerColumns = (owner: OwnerChoice) => ({
  ownerId: owner && 'personId' in owner ? owner.personId : null,
  ownerTeam: owner && 'team' in owner ? owner.team : null,
});

/** A new asset's fields, each attribute written by its source. */
export const newFields = ({ owner, ...asset }: NewAsset, source: AttributeSource): AssetFields => ({
  ...asset,
  ...ownerColumns(owner),
  attributeSources: Object.fromEntries(Object.keys(asset.attributes).map((name) => [name, source])),
});

/** Lays a patch over fields. An attribute is of its source only where its value really changes. */
export function patched(
  before: AssetFields,
  { owner, attributes, ...patch }: AssetPatch,
  source: AttributeSource,
): AssetFields {
  const after: AssetFields = {
    ...before,
    ...Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
    ...(owner !== undefined && ownerColumns(owner)),
    attributes: { ...before.attributes },
    attributeSources: { ...before.attributeSources },
  };
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null) {
      delete after.attributes[name];
      // A person who takes away what discovery found means it: it stays away.
      if (source === 'person' && before.attributeSources[name] === 'discovery') after.attributeSources[name] = 'person';
      else delete after.attributeSources[name];
    } else if (!isSame(before.attributes[name], value)) {
      after.attributes[name] = value;
      after.attributeSources[name] = source;
    }
  }
  return after;
}

const plainFields = ['key', 'name', 'typeId', 'description', 'tags', 'ownerId', 'ownerTeam', 'criticality', 'state', 'serverId'] as const; // prettier-ignore

/** Fields hold plain values and lists of them, so their JSON tells them apart. */
export const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What differs, field by field; attributes one by one. */
export function differences(before: AssetFields, after: AssetFields): FieldChange[] {
  const changes: FieldChange[] = plainFields
    .filter((field) => !isSame(before[field], after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
  for (const name of new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)])) {
    const [was, is] = [before.attributes[name], after.attributes[name]];
    if (!isSame(was, is))
      changes.push({
        field: `attributes.${name}`,
        before: was ?? null,
        after: is ?? null,
        source: before.attributeSources[name] ?? null,
      });
  }
  return changes;
}

const refused = (fields: { key: string }, error: unknown): unknown => {
  if (violates(error, 'assets_key')) return new Refusal('asset.key_taken', { key: fields.key });
  if (violates(error, 'assets_type')) return new Refusal('asset.type_unknown', { type: 'with this id' });
  if (violates(error, 'assets_server')) return new Refusal('asset.server_unknown');
  if (violates(error, 'assets_server_once')) return new Refusal('asset.server_taken');
  return error;
};

/** What fields are held to: types by id, and who belongs here. */
export interface KnownHere {
  types: ReadonlyMap<string, AttributeDef[]>;
  members: ReadonlySet<string>;
}
export async function knownHere(tx: TenantTx): Promise<KnownHere> {
  const [types, members] = await Promise.all([
    tx.selectFrom('assetTypes').select(['id', 'attributes']).execute(),
    tx.selectFrom('members').select('userId').execute(),
  ]);
  return {
    types: new Map(types.map(({ id, attributes }) => [id, attributes])),
    members: new Set(members.map(({ userId }) => userId)),
  };
}

/** Holds what is written to its type, to the lifecycle and to who belongs here. @throws Refusal `asset.*` */
export function checkFields(known: KnownHere, before: AssetFields | null, after: AssetFields): void {
  const defs = known.types.get(after.typeId);
  if (!defs) throw new Refusal('asset.type_unknown', { type: 'with this id' });
  const problems = attributeProblems(defs, after.attributes);
  if (problems.length > 0)
    throw new Refusal(
      'asset.attributes_refused',
      {},
      Object.fromEntries(problems.map(({ name, message }) => [name, message])),
    );
  if (before && !mayBecome(before.state, after.state))
    throw new Refusal(
      'asset.illegal_state',
      { from: before.state, to: after.state },
      { allowed: nextStates(before.state) },
    );
  if (after.ownerId !== null && after.ownerId !== before?.ownerId && !known.members.has(after.ownerId))
    throw new Refusal('asset.owner_unknown');
}

const columnsOf = ({ attributes, attributeSources, ...fields }: AssetFields) => ({
  ...fields,
  nameKey: naturalKey(fields.name),
  attributes: JSON.stringify(attributes),
  attributeSources: JSON.stringify(attributeSources),
});

/** Writes new assets with their histories. @throws Refusal where a key or a server is taken */
export async function insertAssets(
  tx: TenantTx,
  assets: ReadonlyArray<{ id: string; fields: AssetFields; discoveredAt?: Date }>,
  writer: AssetWriter,
  act = 'created',
): Promise<void> {
  if (assets.length === 0) return;
  const createdBy = JSON.stringify(writer.actor);
  try {
    await tx
      .insertInto('assets')
      .values(
        assets.map(({ id, fields, discoveredAt }) => ({
          id,
          ...columnsOf(fields),
          discoveredAt: discoveredAt ?? null,
          createdBy,
        })),
      )
      .execute();
  } catch (error) {
    throw refused(assets[0]?.fields ?? { key: '' }, error);
  }
  await noteChanges(
    tx,
    assets.map(({ id }) => ({ id, version: 1, changes: [] })),
    writer,
    act,
  );
}

/** Writes changed assets with their histories. What has not changed must not be among them. */
export async function updateAssets(
  tx: TenantTx,
  assets: ReadonlyArray<{ id: string; fields: AssetFields; version: number; changes: FieldChange[] }>,
  writer: AssetWriter,
  act = 'changed',
): Promise<void> {
  const now = new Date();
  // Sent together: none needs another's answer.
  await Promise.all(
    assets.map(({ id, fields, version }) =>
      tx
        .updateTable('assets')
        .set({ ...columnsOf(fields), version, updatedAt: now })
        .where('id', '=', id)
        .execute()
        .catch((error: unknown) => {
          throw refused(fields, error);
        }),
    ),
  );
  await noteChanges(tx, assets, writer, act);
}

/** One line of history for each. */
export async function noteChanges(
  tx: TenantTx,
  assets: ReadonlyArray<{ id: string; version: number; changes: FieldChange[] }>,
  { actor, source, runId, batchId }: AssetWriter,
  act: string,
): Promise<void> {
  if (assets.length === 0) return;
  const by = JSON.stringify({ kind: actor.kind, id: actor.id, name: actor.name });
  await tx
    .insertInto('assetChanges')
    .values(
      assets.map(({ id, version, changes }) => ({
        assetId: id,
        id: uuidv7(),
        actor: by,
        act,
        source,
        runId: runId ?? null,
        batchId: batchId ?? null,
        version,
        changes: JSON.stringify(changes),
      })),
    )
    .execute();
}

/** Removes an asset with its relations and its history. */
export const deleteAsset = async (tx: TenantTx, id: string): Promise<void> =>
  void (await tx.deleteFrom('assets').where('id', '=', id).execute());

/** An asset's row, locked for a change of it. */
export const lockAsset = (tx: TenantTx, id: string): Promise<AssetRow | undefined> =>
  tx.selectFrom('assets').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/**
 * Changes one asset.
 * @returns what has changed; nothing where it was so already
 * @throws Refusal `request.not_found`, `request.stale`, `asset.*`
 */
export async function changeAsset(
  tx: TenantTx,
  id: string,
  patch: AssetPatch,
  writer: AssetWriter,
  ifVersion?: number,
): Promise<FieldChange[]> {
  const row = await lockAsset(tx, id);
  if (!row) throw new Refusal('request.not_found');
  if (ifVersion !== undefined && ifVersion !== row.version) throw new Refusal('request.stale');
  const before = fieldsOf(row);
  const after = patched(before, patch, writer.source);
  checkFields(await knownHere(tx), before, after);
  const changes = differences(before, after);
  if (changes.length > 0) await updateAssets(tx, [{ id, fields: after, version: row.version + 1, changes }], writer);
  return changes;
}
