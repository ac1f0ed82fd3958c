import { Readable } from 'node:stream';
import {
  DiscoverAssets,
  type DiscoverAssetsInput,
  ImportAssets,
  type ImportAssetsInput,
} from '#contracts/assets/asset-workflows.ts';
import { assetImportRoutes, mostImportBytes } from '#contracts/assets/imports.ts';
import { mostStoredBytes } from '#contracts/playbooks/artifacts.ts';
import {
  findAssetImport,
  insertAssetImport,
  listAssetImports,
  listImportRows,
  moveImport,
  mustBe,
} from '#db/assets/asset-imports.ts';
import { insertAssetRun } from '#db/assets/asset-runs.ts';
import { recordAudit } from '#db/audit/audit-entries.ts';
import type { TenantTx } from '#db/kit/database.ts';
import { readTenant } from '#db/kit/in-tenant.ts';
import { addArtifactPart, beginArtifact, deleteArtifact, finishArtifact } from '#db/playbooks/artifacts.ts';
import { newRunId, type RunRef } from '#db/runs/insert-run.ts';
import { serverNames } from '#db/servers/change-many.ts';
import { actorRef } from '../kit/actor.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, room } from '../kit/room.ts';
import { writeParts } from '../kit/write-parts.ts';

/** Files of assets wait so long for somebody to look at them; what was imported can be taken back without them. */
const keepDays = 30;

/** Imports of assets and their discovery: each act is a run. */
export const assetImportRoom = room(assetImportRoutes, (tools) => {
  const begin = (
    tx: TenantTx,
    { actor }: Pick<Call<typeof assetImportRoutes.applyAssetImport>, 'actor'>,
    run: {
      title: string;
      input: ImportAssetsInput | DiscoverAssetsInput;
      of: typeof ImportAssets | typeof DiscoverAssets;
      subject: string | null;
    },
  ): Promise<RunRef[]> =>
    insertAssetRun(tx, tools.vault, {
      ...run,
      trigger: actor.kind === 'user' ? 'user' : 'api',
      actor: actorRef(actor),
    });
  const again = async (
    call: Pick<Call<typeof assetImportRoutes.applyAssetImport>, 'actor' | 'request' | 'params'>,
    act: 'apply' | 'undo',
  ): Promise<{ runId: string }> => {
    const { actor, params } = call;
    const runId = newRunId();
    const admitted = await tools.inTenant(actor, async (tx) => {
      const found = await findAssetImport(tx, params.id, { lock: true });
      if (!found) throw problem('request.not_found');
      const { shown } = found;
      const isWrong = act === 'apply' && shown.allOrNothing && shown.counts.refuse > 0;
      mustBe(
        shown,
        act === 'apply'
          ? shown.status === 'ready'
          : shown.status === 'applied' || (shown.status === 'ready' && shown.counts.applied > 0),
      );
      if (isWrong) throw problem('asset_import.has_errors', { count: shown.counts.refuse });
      await moveImport(
        tx,
        shown.id,
        act === 'apply' ? { status: 'applying', applyRunId: runId } : { status: 'undoing', undoRunId: runId },
      );
      await recordAudit(tx, { ...auditOrigin(call), action: `asset.import_${act === 'apply' ? 'applied' : 'undone'}`, subject: `asset_import:${shown.id}`, title: shown.fileName }); // prettier-ignore
      const input: ImportAssetsInput = {
        workspaceId: actor.workspaceId,
        runId,
        importId: shown.id,
        act,
        thenApply: false,
        allOrNothing: shown.allOrNothing,
      };
      return begin(tx, call, {
        title: `${act === 'apply' ? 'Import' : 'Take back'} ${shown.fileName}`,
        input,
        of: ImportAssets,
        subject: shown.id,
      });
    });
    tools.startRuns(admitted);
    return { runId };
  };
  return {
    listAssetImports: ({ actor, query }) => readTenant(tools.db, actor, (tx) => listAssetImports(tx, query)),
    getAssetImport: async ({ actor, params }) =>
      (await readTenant(tools.db, actor, (tx) => mustFind(tx, params.id))).shown,
    listAssetImportRows: ({ actor, params, query }) =>
      readTenant(tools.db, actor, async (tx) => {
        await mustFind(tx, params.id);
        return listImportRows(tx, params.id, query);
      }),
    startAssetImport: async (call) => {
      const { actor, query, request } = call;
      const { fileName, matchBy, allOrNothing = false, apply = false } = query;
      const body = request.body;
      if (!(body instanceof Readable))
        throw problem('contract.broken', {}, [{ path: '/body', code: 'required', message: 'The body is the file.' }]);
      const format =
        query.format ??
        (/json/.test(request.headers['content-type'] ?? '') || fileName.endsWith('.json') ? 'json' : 'csv');
      const [id, runId] = [newRunId(), newRunId()];
      const expiresAt = new Date(Date.now() + keepDays * 86_400_000);
      const artifactId = await tools.inTenant(actor, (tx) =>
        beginArtifact(tx, { name: `asset-imports/${id}.${format}`, actor: actorRef(actor), expiresAt }),
      );
      try {
        const written = await writeParts(body, mostImportBytes, (part, content) =>
          tools.inTenant(actor, (tx) => addArtifactPart(tx, artifactId, part, content)),
        );
        const admitted = await tools.inTenant(actor, async (tx) => {
          await finishArtifact(tx, artifactId, { ...written, mostStored: mostStoredBytes });
          await insertAssetImport(tx, {
            id,
            artifactId,
            fileName,
            format,
            matchBy,
            allOrNothing,
            readRunId: runId,
            by: actorRef(actor),
          });
          await recordAudit(tx, {
            ...auditOrigin(call),
            action: 'asset.import_begun',
            subject: `asset_import:${id}`,
            title: fileName,
            after: { matchBy, allOrNothing, apply },
          });
          const input: ImportAssetsInput = {
            workspaceId: actor.workspaceId,
            runId,
            importId: id,
            act: 'read',
            thenApply: apply,
            allOrNothing,
          };
          return begin(tx, call, {
            title: `${apply ? 'Import' : 'Read'} ${fileName}`,
            input,
            of: ImportAssets,
            subject: id,
          });
        });
        tools.startRuns(admitted);
      } catch (error) {
        await tools
          .inTenant(actor, (tx) => deleteArtifact(tx, artifactId))
          .catch((left: unknown) => tools.log.warn({ err: left, artifactId }, 'a broken file is left to the sweep'));
        throw error;
      }
      return { id, runId };
    },
    applyAssetImport: (call) => again(call, 'apply'),
    undoAssetImport: (call) => again(call, 'undo'),
    discoverAssets: async (call) => {
      const { actor, body, reservedId: runId } = call;
      const admitted = await tools.inTenant(actor, async (tx) => {
        const names = await serverNames(tx, body.serverIds);
        const servers = [...names].map(([id, name]) => ({ id, name }));
        if (servers.length === 0) throw problem('request.not_found');
        await recordAudit(tx, {
          ...auditOrigin(call),
          action: 'asset.discovery_begun',
          subject: `run:${runId}`,
          after: { servers: servers.length },
        });
        const input: DiscoverAssetsInput = { workspaceId: actor.workspaceId, runId, actor: actorRef(actor), servers };
        const title =
          servers.length === 1 ? `Discover ${servers[0]?.name ?? ''}` : `Discover ${servers.length} servers`;
        return begin(tx, call, { title, input, of: DiscoverAssets, subject: null });
      });
      tools.startRuns(admitted);
      return { runId };
    },
  };
});

async function mustFind(tx: TenantTx, id: string) {
  const found = await findAssetImport(tx, id);
  if (!found) throw problem('request.not_found');
  return found;
}
