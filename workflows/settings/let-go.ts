import { CancellationScope, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { AssetRecordActivities } from '#activities/assets/import-assets.ts';
import type { LetGoActivities } from '#activities/settings/let-go.ts';
import { LetGo, type LetGoInput } from '#contracts/settings/let-go.ts';
import { bookkeeping, ownDatabase } from '../kit/retry.ts';
import { type RecordPart, RunRecorder } from '../kit/run-recorder.ts';

const { recordAssetRun } = proxyLocalActivities<AssetRecordActivities>(bookkeeping);
const { dropDays, letLogsGo, letAlertsGo, sumLetGo } = proxyActivities<LetGoActivities>(ownDatabase);

/**
 * Lets go of the logs and alerts that a workspace keeps no longer: whole days first, where nobody keeps them, then what is
 * left, in portions. Nothing is decided here but the order: each step looks at the data as they are, so it may die
 * anywhere and is done again from there. What went is written down in the transactions that removed it.
 */
export async function letGo(input: LetGoInput): Promise<void> {
  const { workspaceId, runId } = input;
  const startedAt = new Date(Date.now()).toISOString();
  const recorder = new RunRecorder({ workspaceId, runId, startedAt }, (part) => recordAssetRun(part, LetGo.kind));
  const record = (part: RecordPart): Promise<void> =>
    CancellationScope.nonCancellable(() => recorder.write(() => part));
  const end = async (status: 'succeeded' | 'canceled', days: number, error: RecordPart['error'] = null) => {
    const outputs = { days, ...(await CancellationScope.nonCancellable(() => sumLetGo(input))) };
    await record({ status, endedAt: new Date(Date.now()).toISOString(), outputs, error });
  };

  await record({ status: 'running' });
  if (recorder.isEnded) return;
  let days = 0;
  try {
    days = (await dropDays(input)).length;
    await letLogsGo(input);
    await letAlertsGo(input);
    await end('succeeded', days);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await end('canceled', days, { code: 'run.canceled', message: 'It was canceled. What went is gone; the rest goes at the next time.' }); // prettier-ignore
  }
}
