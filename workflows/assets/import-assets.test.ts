import { afterAll, beforeAll, expect, test } from 'vitest';
import { assetImportActivities, assetRecordActivities } from '#activities/assets/import-assets.ts';
import { assetsRoom } from '#api/assets/assets.ts';
import { assetImportRoom } from '#api/assets/imports.ts';
import { ImportAssets } from '#contracts/assets/asset-workflows.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { createMetrics } from '#system/metrics.ts';
import { dyingOnce } from '#tests/kit/dying-once.ts';
import { recordHistory } from '#tests/kit/record-history.ts';
import { closeTemporal, skippingTemporal } from '#tests/kit/test-temporal.ts';
import { type TriggerWorld, triggerWorld } from '#tests/kit/trigger-world.ts';

let world: TriggerWorld;
beforeAll(async () => {
  world = await triggerWorld({ assets: assetsRoom, imports: assetImportRoom });
  const type = { key: 'box', name: 'Box', attributes: [{ name: 'size', kind: 'number' }] };
  await world.post('/asset-types', type);
});
afterAll(async () => {
  await closeTemporal();
  await world?.close();
});

test('an import whose worker dies after each step, the portions of its lines too, is done once, and so is its undo', async () => {
  const parts = { inTenant: <T>(id: string, work: Parameters<typeof inTenant<T>>[2]) => inTenant(world.db, id, work), startRuns: () => {}, metrics: createMetrics() }; // prettier-ignore
  const { client, worker } = await skippingTemporal(
    ImportAssets.taskQueue,
    dyingOnce({ ...assetImportActivities(parts), ...assetRecordActivities(parts) }),
  );
  const finish = async (runId: string, history: string) => {
    const input = world.started.find(({ id }) => id === runId)?.input ?? (await inputOf(runId));
    const run = await client.workflow.start(ImportAssets.type, { workflowId: runId, taskQueue: ImportAssets.taskQueue, args: [input] }); // prettier-ignore
    await run.result();
    await recordHistory(history, run);
    const [row] = await world.sql('select status from runs where id = $1', [runId]);
    expect(row).toEqual({ status: 'succeeded' });
  };
  const inputOf = async (runId: string) => {
    const [row] = await world.sql('select * from asset_imports where plan_run_id = $1 or apply_run_id = $1 or undo_run_id = $1', [runId]); // prettier-ignore
    const act = row?.['plan_run_id'] === runId ? 'read' : row?.['apply_run_id'] === runId ? 'apply' : 'undo';
    return {
      workspaceId: world.workspaceId,
      runId,
      importId: row?.['id'],
      act,
      thenApply: false,
      allOrNothing: row?.['all_or_nothing'],
    };
  };
  const counted = async () => (await world.get('/assets/counts?q=many-')).json().matching;
  await worker.runUntil(async () => {
    const lines = Array.from({ length: 1_200 }, (_, n) => `many-${n},Many ${n},box,${n}`);
    const csv = `key,name,type,attr.size\n${lines.join('\n')}\n`;
    const sent = await world.call('POST', '/asset-imports', world.people.olga, csv, { 'content-type': 'text/csv' });
    expect(sent.statusCode, sent.body).toBe(202);
    const { id, runId } = sent.json();
    await finish(runId, 'import-assets-read');
    const applied = (await world.post(`/asset-imports/${id}/apply`)).json();
    await finish(applied.runId, 'import-assets-applied');
    expect(await counted()).toBe(1_200);
    const shown = () => world.get(`/asset-imports/${id}`).then((answer) => answer.json());
    expect(await shown()).toMatchObject({ status: 'applied', counts: { rows: 1_200, applied: 1_200 } });
    // One line of each asset's story, not two.
    const [changes] = await world.sql(`select count(*)::int as n from asset_changes where batch_id = $1`, [id]);
    expect(changes).toEqual({ n: 1_200 });
    const undone = (await world.post(`/asset-imports/${id}/undo`)).json();
    await finish(undone.runId, 'import-assets-undone');
    expect(await counted()).toBe(0);
    expect(await shown()).toMatchObject({ status: 'undone', counts: { undone: 1_200 } });
  });
});
