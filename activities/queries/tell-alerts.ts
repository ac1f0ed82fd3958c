import { consoleAddress } from '#contracts/kit/console-address.ts';
import { openSource } from '#connectors/export/open-source.ts';
import { pagesOf } from '#connectors/export/source.ts';
import { type AlertCondition, type QueryAlert, meetsAlert } from '#contracts/queries/delivery.ts';
import type { RunQueryInput, RunQueryResult } from '#contracts/queries/run-query.ts';
import { lastRowCount } from '#db/queries/earlier-runs.ts';
import { moveQueryRun } from '#db/queries/move-query-run.ts';
import { readExecution } from '#db/queries/read-execution.ts';
import { whileBeating } from '../kit/while-beating.ts';
import type { Notifier } from '../notifications/notifier.ts';
import { type EngineParts, type EngineTools, engineWork, wholeResult } from './engine-work.ts';

export type AlertActivities = ReturnType<typeof alertActivities>;

export interface AlertCall extends RunQueryInput {
  status: RunQueryResult['status'];
  /** The query itself went well: there is a result to look at. */
  hasRows: boolean;
  /** Why it ended otherwise. */
  why: string | null;
}

/** Tells channels of a run that has ended. Values are looked at and forgotten: no message holds one of the result. */
export const alertActivities = ({
  notify,
  publicUrl,
  ...tools
}: EngineTools & { notify: Notifier; publicUrl: string }) => {
  const { tenant, withEngine } = engineWork(tools);
  return {
    /**
     * Repeatable: each message is keyed by run and alert. Of a failure it is told without the service, which may be what
     * failed; a channel that takes no message keeps none of the others from theirs.
     */
    tellAlerts: ({ status, hasRows, why, ...input }: AlertCall): Promise<{ told: number }> =>
      whileBeating(async (signal) => {
        const run = await tenant(input, (tx) => readExecution(tx, input.runId));
        if (!run) throw new Error('The run has no query.');
        const alerts = (run.after?.alerts ?? []).map((alert, index) => ({ ...alert, index }));
        const failures: unknown[] = [];
        let told = 0;
        const tell = async ({ channelId, when, index }: QueryAlert & { index: number }): Promise<void> => {
          try {
            await notify({
              workspaceId: input.workspaceId,
              key: `${run.runId}/alert/${index}`,
              to: [{ channel: channelId, urgent: when.on === 'failure' }],
              subject: `“${run.title}”: ${alertWords(when)}`,
              text: when.on === 'failure' ? `It ended as ${status.replace('_', ' ')}: ${why ?? 'no reason was told.'}` : `The query “${run.title}” on ${run.connectionName} has run: ${alertWords(when)}.`, // prettier-ignore
              run: {
                id: run.runId,
                title: run.title,
                url: consoleAddress(publicUrl, input.workspaceId, `/runs/${run.runId}`),
              },
              stepAddress: null,
              timeoutMs: 60_000,
              signal,
            });
            told += 1;
          } catch (error) {
            if (signal.aborted) throw error;
            failures.push(error);
          }
        };
        if (status !== 'succeeded' && status !== 'canceled')
          for (const alert of alerts) if (alert.when.on === 'failure') await tell(alert);
        const ofRows = alerts.filter(({ when }) => when.on !== 'failure' && when.on !== 'late');
        if (hasRows && ofRows.length > 0) {
          const conditions = ofRows.map(({ when }) => when);
          const { isWhole, ...found } = await withEngine(input, (parts) => look(parts, conditions));
          // What the service did not tell was counted: the next run is compared with it.
          if (isWhole && run.rowCount === null)
            await tenant(input, (tx) => moveQueryRun(tx, input.runId, { rowCount: found.rowCount }));
          const lastRows = conditions.some(({ on }) => on === 'change')
            ? await tenant(input, (tx) => lastRowCount(tx, input.runId))
            : null;
          for (const alert of ofRows) if (meetsAlert(alert.when, { ...found, lastRows })) await tell(alert);
        }
        if (failures.length > 0) throw failures[0];
        return { told };
      }),
  };
};

/**
 * As much of a result as its alerts look at: the count, where the service told none up to one more than any is compared
 * with, and the first row.
 */
async function look(
  parts: EngineParts,
  conditions: readonly AlertCondition[],
): Promise<{ rowCount: number | null; firstRow?: Record<string, string | null>; isWhole: boolean }> {
  const { run } = parts;
  const counted =
    conditions.some(({ on }) => on === 'rows' || on === 'no_rows' || on === 'change') && run.rowCount === null;
  // A change is told by the whole count.
  const enough = !counted
    ? 1
    : Math.max(0, ...conditions.map((when) => (when.on === 'rows' ? when.count : when.on === 'change' ? Infinity : 0))) + 1; // prettier-ignore
  if (!counted && !conditions.some(({ on }) => on === 'value')) return { rowCount: run.rowCount, isWhole: false };
  if (!run.ref) return { rowCount: run.rowCount, isWhole: false };
  const stop = new AbortController();
  try {
    const { columns, source } = await openSource(
      wholeResult(parts, AbortSignal.any([parts.signal, stop.signal])),
      false,
    );
    let rows = 0;
    let isWhole = true;
    let firstRow: Record<string, string | null> | undefined;
    for await (const page of pagesOf(source)) {
      const [first] = page;
      firstRow ??= first && Object.fromEntries(columns.map(({ name }, at) => [name, first[at] ?? null]));
      rows += page.length;
      if (rows >= enough) {
        isWhole = false;
        break;
      }
    }
    return { rowCount: run.rowCount ?? rows, ...(firstRow && { firstRow }), isWhole };
  } finally {
    stop.abort();
  }
}

const comparisons = { above: 'more than', below: 'fewer than', equal: 'exactly', not_equal: 'not' } as const;
const valueComparisons = { above: 'is above', below: 'is below', equal: 'is', not_equal: 'is not' } as const;

/** What an alert says of a run. */
function alertWords(when: AlertCondition): string {
  switch (when.on) {
    case 'rows':
      return `${comparisons[when.is]} ${when.count} rows`;
    case 'no_rows':
      return 'no rows';
    case 'value':
      return `${when.column} ${valueComparisons[when.is]} ${when.value}`;
    case 'change':
      return `${when.byPercent} % more or fewer rows than before`;
    case 'failure':
      return 'failed';
    case 'late':
      return 'late';
  }
}
