import { consoleAddress } from '#contracts/kit/console-address.ts';
import { formatDuration } from '#contracts/kit/duration.ts';
import { isEnded } from '#contracts/runs/status.ts';
import type { Firing } from '#contracts/schedules/fire-schedule.ts';
import type { ActivityTools } from '../kit/tools.ts';
import { whileBeating } from '../kit/while-beating.ts';
import type { Notifier } from '../notifications/notifier.ts';

export type LateActivities = ReturnType<typeof lateActivities>;

/** Activities of `fireSchedule` for runs that take too long. */
export const lateActivities = ({
  inTenant,
  notify,
  publicUrl,
}: Pick<ActivityTools, 'inTenant'> & { notify: Notifier; publicUrl: string }) => ({
  /** Repeatable: the message is keyed by run and alert. Says nothing where the run has ended meanwhile. */
  tellLate: ({ workspaceId, nominalAt, runId, alert }: Firing & { runId: string; alert: number }): Promise<void> =>
    whileBeating(async (signal) => {
      const run = await inTenant(workspaceId, (tx) =>
        tx
          .selectFrom('queryRuns as q')
          .innerJoin('runs as r', (join) =>
            join.onRef('r.workspaceId', '=', 'q.workspaceId').onRef('r.id', '=', 'q.runId'),
          )
          .select(['q.title', 'q.after', 'r.status'])
          .where('q.runId', '=', runId)
          .executeTakeFirst(),
      );
      const asked = run?.after?.alerts[alert];
      if (!run || asked?.when.on !== 'late' || isEnded(run.status)) return;
      const { title } = run;
      await notify({
        workspaceId,
        key: `${runId}/alert/${alert}`,
        to: [{ channel: asked.channelId }],
        subject: `“${title}” is late`,
        text: `The query “${title}” was due at ${nominalAt} and has not ended ${formatDuration(asked.when.afterMs)} after: it is ${run.status}.`,
        run: { id: runId, title, url: consoleAddress(publicUrl, workspaceId, `/runs/${runId}`) },
        stepAddress: null,
        timeoutMs: 60_000,
        signal,
      });
    }),
});
