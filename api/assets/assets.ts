import { type AssetPatch, assetRoutes } from '#contracts/assets/assets.ts';
import { CreateAssetType } from '#contracts/assets/asset-types.ts';
import { listAssetChanges } from '#db/assets/asset-changes.ts';
import { readAssetGraph } from '#db/assets/asset-graph.ts';
import {
  deleteAssetType, findAssetType, insertAssetType, listAssetTypes, updateAssetType,
} from '#db/assets/asset-types.ts'; // prettier-ignore
import { changeMany, undoBatch } from '#db/assets/change-many.ts';
import { countAssets, findAsset, findAssetIds, listAssets, listAssetTags } from '#db/assets/list-assets.ts';
import { deleteRelation, impactOf, insertRelation, listRelations } from '#db/assets/relations.ts';
import { changeAsset, checkFields, deleteAsset, insertAssets, knownHere, newFields } from '#db/assets/write-assets.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { appendEvent } from '#db/events/append-event.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { type Actor, actorRef } from '../kit/actor.ts';
import { versionOf, withEtag } from '../kit/etag.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, room } from '../kit/room.ts';
import { sendAssets } from './export-assets.ts';

/** Assets: what there is, how it stands to each other, and what is hit when one fails. */
export const assetsRoom = room(assetRoutes, (tools) => {
  const read = <T>(actor: Actor, work: (tx: TenantTx) => Promise<T>): Promise<T> => readTenant(tools.db, actor, work);
  return {
    listAssetTypes: async ({ actor }) => ({ data: await read(actor, listAssetTypes) }),
    getAssetType: ({ actor, params, reply }) =>
      read(actor, async (tx) => withEtag(reply, await mustHaveType(tx, params.id))),
    createAssetType: (call) => {
      const { actor, body, reservedId: id, reply } = call;
      return tools.inTenant(actor, async (tx) => {
        await insertAssetType(tx, id, body, actorRef(actor));
        await recordChange(tx, { ...auditOrigin(call), ...ofType('created', { id, name: body.name }), after: body });
        return withEtag(reply, await mustHaveType(tx, id));
      });
    },
    changeAssetType: (call) => {
      const { actor, params, body, request, reply } = call;
      const expected = versionOf(request);
      return tools.inTenant(actor, async (tx) => {
        const before = await mustHaveType(tx, params.id, { lock: true });
        if (expected !== undefined && expected !== before.version) throw problem('request.stale');
        const values = CreateAssetType.parse({ ...CreateAssetType.parse(before), ...body });
        await updateAssetType(tx, params.id, values);
        await recordChange(tx, {
          ...auditOrigin(call),
          ...ofType('changed', { id: params.id, name: values.name }),
          before: CreateAssetType.parse(before),
          after: values,
        });
        return withEtag(reply, await mustHaveType(tx, params.id));
      });
    },
    deleteAssetType: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const type = await mustHaveType(tx, call.params.id, { lock: true });
        await deleteAssetType(tx, type.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofType('removed', type) });
      }),

    listAssets: ({ actor, query }) => read(actor, (tx) => listAssets(tx, query)),
    countAssets: ({ actor, query }) => read(actor, (tx) => countAssets(tx, query)),
    findAssetIds: ({ actor, query }) => read(actor, (tx) => findAssetIds(tx, query)),
    listAssetTags: ({ actor }) => read(actor, listAssetTags),
    assetGraph: ({ actor, query }) => read(actor, (tx) => readAssetGraph(tx, query)),
    impactOf: ({ actor, query }) => read(actor, (tx) => impactOf(tx, query)),
    exportAssets: (call) => sendAssets(tools, call),
    getAsset: ({ actor, params, reply }) => read(actor, async (tx) => withEtag(reply, await mustHave(tx, params.id))),
    listAssetChanges: ({ actor, params, query }) =>
      read(actor, async (tx) => {
        await mustHave(tx, params.id);
        return listAssetChanges(tx, params.id, query);
      }),
    listAssetRelations: ({ actor, params }) =>
      read(actor, async (tx) => {
        await mustHave(tx, params.id);
        return listRelations(tx, params.id);
      }),

    createAsset: (call) => {
      const { actor, body, reservedId: id, reply } = call;
      return tools.inTenant(actor, async (tx) => {
        const fields = newFields(body, 'person');
        checkFields(await knownHere(tx), null, fields);
        await insertAssets(tx, [{ id, fields }], { actor: actorRef(actor), source: 'person' });
        const made = await mustHave(tx, id);
        await recordChange(tx, { ...auditOrigin(call), ...ofAsset('created', made), after: body });
        return withEtag(reply, made);
      });
    },
    changeAsset: (call) => {
      const { actor, params, body, request, reply } = call;
      return tools.inTenant(actor, async (tx) => {
        const writer = { actor: actorRef(actor), source: 'person' as const };
        const changes = await changeAsset(tx, params.id, body satisfies AssetPatch, writer, versionOf(request));
        const after = await mustHave(tx, params.id);
        if (changes.length > 0)
          await recordChange(tx, {
            ...auditOrigin(call),
            ...ofAsset('changed', after),
            before: Object.fromEntries(changes.map(({ field, before }) => [field, before])),
            after: Object.fromEntries(changes.map(({ field, after: is }) => [field, is])),
          });
        return withEtag(reply, after);
      });
    },
    deleteAsset: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const asset = await mustHave(tx, call.params.id);
        await deleteAsset(tx, asset.id);
        await recordChange(tx, { ...auditOrigin(call), ...ofAsset('removed', asset), before: { key: asset.key } });
      }),

    changeAssets: (call) => {
      const { actor, body } = call;
      const { ids, dryRun, batchId, ...acts } = body;
      return tools.inTenant(actor, async (tx) => {
        const writer = { actor: actorRef(actor), source: 'person' as const, batchId: batchId ?? null };
        const outcome = await changeMany(tx, ids, acts, writer, dryRun);
        const changed = outcome.changed.map(({ id }) => id);
        if (!dryRun && changed.length > 0) await tellMany(tx, call, 'bulk_changed', changed, acts);
        return outcome;
      });
    },
    undoAssetBatch: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const writer = { actor: actorRef(call.actor), source: 'person' as const };
        const outcome = await undoBatch(tx, call.params.id, writer, 5_000);
        if (!outcome) throw problem('request.not_found');
        const { isDone: _, ...told } = outcome;
        if (told.undone > 0)
          await tellMany(tx, call, 'bulk_undone', [], { batch: call.params.id, undone: told.undone });
        return told;
      }),

    relateAssets: (call) => {
      const { actor, body, reservedId: id } = call;
      return tools.inTenant(actor, async (tx) => {
        const made = await insertRelation(tx, id, body, actorRef(actor));
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'asset.related',
          subject: `asset:${made.from.id}`,
          title: made.from.name,
          after: { kind: made.kind, to: made.to.name, relation: id },
        });
        return made;
      });
    },
    deleteRelation: (call) =>
      tools.inTenant(call.actor, async (tx) => {
        const gone = await deleteRelation(tx, call.params.id);
        if (!gone) throw problem('request.not_found');
        await recordChange(tx, {
          ...auditOrigin(call),
          action: 'asset.unrelated',
          subject: `asset:${gone.fromId}`,
          title: gone.kind,
          before: { ...gone },
        });
      }),
  };
});

const ofType = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `asset_type.${act}`,
  subject: `asset_type:${id}`,
  title: name,
});
const ofAsset = (act: string, { id, name }: { id: string; name: string }) => ({
  action: `asset.${act}`,
  subject: `asset:${id}`,
  title: name,
});

async function mustHave(tx: TenantTx, id: string) {
  const asset = await findAsset(tx, id);
  if (!asset) throw problem('request.not_found');
  return asset;
}
async function mustHaveType(tx: TenantTx, id: string, options?: { lock: boolean }) {
  const type = await findAssetType(tx, id, options);
  if (!type) throw problem('request.not_found');
  return type;
}

/** One entry and one event for a change of many: the history of each asset has its own line. */
async function tellMany(
  tx: TenantTx,
  call: Pick<Call<typeof assetRoutes.changeAssets>, 'actor' | 'request'>,
  act: string,
  ids: readonly string[],
  acts: Record<string, unknown>,
): Promise<void> {
  const origin = auditOrigin(call);
  await appendEvent(tx, {
    type: 'asset.many_changed',
    actor: origin.actor,
    data: { change: act, count: ids.length, ids: ids.slice(0, 200) },
  });
  await recordAudit(tx, { ...origin, action: `asset.${act}`, after: { ...acts, assets: ids.length } });
}
