import type { RunQueryInput } from '#contracts/queries/run-query.ts';
import type { RecordOutcome, RunRecord } from '#contracts/runs/record-run.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { isSignedIn } from '#db/queries/connection-of.ts';
import { type QueryMove, dueAssets, endDeliveries, moveQueryRun } from '#db/queries/move-query-run.ts';
import { recordRun } from '#db/runs/record-run.ts';
import type { ActivityTools } from '../kit/tools.ts';

export type QueryRecordActivities = ReturnType<typeof queryRecordActivities>;

/** Local activities of `runQuery`: our own database, quick, each repeatable. */
export const queryRecordActivities = ({
  inTenant,
  startRuns,
  metrics,
}: Pick<ActivityTools, 'inTenant' | 'startRuns' | 'metrics'>) => ({
  /** Run and query in one transaction. Repeatable: records are numbered by run. */
  async recordQuery({
    record,
    change,
    isLinked = false,
  }: {
    record: RunRecord;
    change?: QueryMove;
    /** A letter leads to its rows. */
    isLinked?: boolean;
  }): Promise<RecordOutcome> {
    const { isEnded: wasEnded, admitted } = await inTenant(record.workspaceId, async (tx) => {
      const recorded = await recordRun(tx, record);
      if (!recorded.isEnded && change) await moveQueryRun(tx, record.runId, change);
      // Rows that can be read stay until they are idle; what is left of all else goes at the next sweep, if not before.
      if (isEnded(record.status))
        await dueAssets(tx, record.runId, record.status !== 'succeeded' ? 'now' : isLinked ? 'linked' : 'ended');
      if (isEnded(record.status) && record.status !== 'succeeded') await endDeliveries(tx, record.runId);
      return recorded;
    });
    startRuns(admitted);
    if (isEnded(record.status) && !wasEnded) {
      metrics.runsEnded.inc({ kind: 'query', status: record.status });
      metrics.queryJobs.inc({ status: record.status });
      metrics.queryDuration.observe(
        (Date.parse(record.endedAt ?? record.startedAt) - Date.parse(record.startedAt)) / 1_000,
      );
      if (record.status === 'failed' || record.status === 'timed_out')
        metrics.queryFailures.inc({ error_type: change?.failure?.kind ?? 'internal' });
    }
    return { isEnded: wasEnded };
  },

  /** Whether the connection can be used, as far as we know. */
  isSignedIn: ({ workspaceId, connectionId }: RunQueryInput): Promise<boolean> =>
    inTenant(workspaceId, (tx) => isSignedIn(tx, connectionId)),
});
