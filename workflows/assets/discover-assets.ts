import { CancellationScope, isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Discovered, DiscoveryActivities } from '#activities/assets/discover-server.ts';
import type { AssetRecordActivities } from '#activities/assets/import-assets.ts';
import { DiscoverAssets, type DiscoverAssetsInput } from '#contracts/assets/asset-workflows.ts';
import type { HostState } from '#contracts/runs/record-run.ts';
import { bookkeeping, remoteCall } from '../kit/retry.ts';
import { type RecordPart, RunRecorder } from '../kit/run-recorder.ts';

const { recordAssetRun } = proxyLocalActivities<AssetRecordActivities>(bookkeeping);
const { discoverServer } = proxyActivities<DiscoveryActivities>({
  ...remoteCall,
  taskQueue: DiscoverAssets.hostQueue,
  startToCloseTimeout: '2 minutes',
});

/** Servers that are looked at together; their results are written in one record. */
const together = 25;
const address = 'discover';

/** Looks at servers over SSH, a portion at a time, and keeps what each has told on its asset. One that fails holds up none. */
export async function discoverAssets({ servers, ...input }: DiscoverAssetsInput): Promise<void> {
  const { workspaceId, runId } = input;
  const now = (): string => new Date(Date.now()).toISOString();
  const startedAt = now();
  const recorder = new RunRecorder({ workspaceId, runId, startedAt }, (record) =>
    recordAssetRun(record, DiscoverAssets.kind),
  );
  const record = (part: RecordPart): Promise<void> =>
    CancellationScope.nonCancellable(() => recorder.write(() => part));
  const step = (status: 'running' | 'succeeded' | 'failed' | 'canceled') => ({
    address,
    id: address,
    parent: null,
    kind: 'discover',
    name: 'Look at each server',
    section: 'steps' as const,
    status,
    reason: null,
    attempts: [],
    startedAt,
    endedAt: status === 'running' ? null : now(),
    error: null,
    carried: false,
    undo: null,
    waitingUntil: null,
    childRunId: null,
    position: 0,
  });
  const strand = (status: 'running' | 'succeeded' | 'failed' | 'canceled') => [{ id: address, status }];
  const host = ({ id, name }: { id: string; name: string }, batch: number, rest: Partial<HostState>): HostState => ({
    address,
    host: name,
    serverId: id,
    batch,
    status: 'running',
    attempt: 1,
    ...rest,
  });

  const tally = { discovered: 0, changed: 0, unchanged: 0, failed: 0 };
  const count = (result: Discovered): void => void (tally[result.ok ? result.act : 'failed'] += 1);
  const progress = () => ({
    done: tally.discovered + tally.changed + tally.unchanged + tally.failed,
    total: servers.length,
    unit: 'hosts',
  });
  await record({ status: 'running', steps: [step('running')], strand: strand('running'), progress: progress() });
  if (recorder.isEnded) return;
  try {
    for (let from = 0; from < servers.length; from += together) {
      const some = servers.slice(from, from + together);
      const batch = from / together;
      const began = now();
      await record({ status: 'running', hosts: some.map((server) => host(server, batch, { startedAt: began })) });
      if (recorder.isEnded) return;
      const results = await Promise.all(
        some.map((server) =>
          discoverServer(input, server.id).catch((error: unknown): Discovered => {
            if (isCancellation(error)) throw error;
            return { ok: false, code: 'server.failed', message: 'The look at this server stopped.' };
          }),
        ),
      );
      for (const result of results) count(result);
      const endedAt = now();
      await record({
        status: 'running',
        progress: progress(),
        hosts: results.flatMap((result, index) => {
          const server = some[index];
          if (!server) return [];
          return result.ok
            ? host(server, batch, { status: 'succeeded', startedAt: began, endedAt })
            : host(server, batch, {
                status: 'failed',
                startedAt: began,
                endedAt,
                error: { code: result.code, message: result.message, host: server.name },
              });
        }),
      });
    }
    const failed = tally.failed === servers.length;
    await record({
      status: failed ? 'failed' : 'succeeded',
      endedAt: now(),
      steps: [step(failed ? 'failed' : 'succeeded')],
      strand: strand(failed ? 'failed' : 'succeeded'),
      outputs: tally,
      warnings: tally.failed,
      error: failed
        ? { code: 'ssh.unreachable', message: 'None of the servers could be looked at. Each says why.' }
        : null,
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await record({
      status: 'canceled',
      endedAt: now(),
      steps: [step('canceled')],
      strand: strand('canceled'),
      outputs: tally,
      error: { code: 'run.canceled', message: 'It was canceled.' },
    });
  }
}
