import { CancellationScope, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { AssetImportActivities, AssetRecordActivities } from '#activities/assets/import-assets.ts';
import { ImportAssets, type ImportAssetsInput } from '#contracts/assets/asset-workflows.ts';
import type { ImportCounts } from '#contracts/assets/imports.ts';
import { bookkeeping, ownDatabase } from '../kit/retry.ts';
import { type RecordPart, RunRecorder } from '../kit/run-recorder.ts';

const { recordAssetRun } = proxyLocalActivities<AssetRecordActivities>(bookkeeping);
const { readAssetFile, applyAssetLines, relateAssetLines, undoAssetLines, closeAssetImport } =
  proxyActivities<AssetImportActivities>(ownDatabase);

/**
 * Reads a file of assets, does what it says in portions, or takes that back. The lines and how far each is are in the
 * database, so it goes on where it was, whatever dies.
 */
export async function importAssets(input: ImportAssetsInput): Promise<void> {
  const { workspaceId, runId } = input;
  const startedAt = new Date(Date.now()).toISOString();
  const recorder = new RunRecorder({ workspaceId, runId, startedAt }, (record) =>
    recordAssetRun(record, ImportAssets.kind),
  );
  const record = (part: RecordPart): Promise<void> =>
    CancellationScope.nonCancellable(() => recorder.write(() => part));
  const end = (status: 'succeeded' | 'failed' | 'canceled', counts: ImportCounts, error: RecordPart['error'] = null) =>
    record({
      status,
      endedAt: new Date(Date.now()).toISOString(),
      outputs: { ...counts },
      progress: { done: counts.applied, total: counts.rows, unit: 'lines' },
      warnings: counts.refuse,
      error,
    });
  const fail = async (status: 'ready' | 'failed' | 'undone', code: string, message: string): Promise<void> => {
    const failure = { code, message };
    await end('failed', await closeAssetImport(input, status, failure), failure);
  };

  await record({ status: 'running' });
  if (recorder.isEnded) return;
  try {
    if (input.act === 'undo') {
      while (!(await undoAssetLines(input)));
      return await end('succeeded', await closeAssetImport(input, 'undone', null));
    }
    let counts: ImportCounts | undefined;
    if (input.act === 'read') {
      const read = await readAssetFile(input);
      if (read.refused !== null)
        return await fail('failed', 'asset_import.file_refused', `The file cannot be read: ${read.refused}`);
      counts = read.counts;
      if (!input.thenApply) return await end('succeeded', counts);
      if (input.allOrNothing && counts.refuse > 0)
        return await fail(
          'ready',
          'asset_import.has_errors',
          `${counts.refuse} lines are wrong, so nothing was imported.`,
        );
    }
    let done = 0;
    for (;;) {
      const portion = await applyAssetLines(input);
      done += portion.done;
      if (portion.done > 0)
        await record({ status: 'running', progress: { done, total: counts?.rows ?? null, unit: 'lines' } });
      if (input.allOrNothing && portion.refused > 0) {
        while (!(await undoAssetLines(input)));
        return await fail(
          'undone',
          'asset_import.has_errors',
          `${portion.refused} lines were refused, so the others were taken back.`,
        );
      }
      if (portion.done === 0) break;
    }
    for (let after: number | null = -1; after !== null;) after = await relateAssetLines(input, after);
    return await end('succeeded', await closeAssetImport(input, 'applied', null));
  } catch (error) {
    if (!isCancellation(error)) {
      const message = error instanceof Error ? error.message : 'The import stopped.';
      await fail(input.act === 'read' ? 'failed' : 'ready', 'server.failed', message);
      return;
    }
    // What is done stays and can be taken back, what is left can be done later.
    const status = input.act === 'read' && !input.thenApply ? 'failed' : 'ready';
    const counts = await CancellationScope.nonCancellable(() =>
      closeAssetImport(input, status, { code: 'run.canceled', message: 'It was canceled.' }),
    );
    await end('canceled', counts, { code: 'run.canceled', message: 'It was canceled.' });
  }
}
