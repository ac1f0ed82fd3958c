import { openSource } from '#connectors/export/open-source.ts';
import { pagesOf } from '#connectors/export/source.ts';
import type { Engines } from '#contracts/connections/engines.ts';
import { type AlertCondition, type QueryAlert, meetsAlert } from '#contracts/queries/delivery.ts';
import type { RunQueryInput, RunQueryResult } from '#contracts/queries/run-query.ts';
import type { ActivityTools } from '../kit/tools.ts';
import type { Notifier } from '../notifications/notifier.ts';
import { type EngineParts, engineWork, wholeResult } from './engine-work.ts';

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
}: Pick<ActivityTools, 'inTenant'> & { engines: Engines; notify: Notifier; publicUrl: string }) => {
  const { withEngine } = engineWork(tools);
  return {
    /** Repeatable: each message is keyed by run and alert. */
    tellAlerts: ({ status, hasRows, why, ...input }: AlertCall): Promise<{ told: number }> =>
      withEngine(input, async (parts) => {
        const { run, signal } = parts;
        const alerts = (run.after?.alerts ?? []).map((alert, index) => ({ ...alert, index }));
        let told = 0;
        const tell = async ({ channelId, when, index }: QueryAlert & { index: number }): Promise<void> => {
          told += 1;
          await notify({
            workspaceId: input.workspaceId,
            key: `${run.runId}/alert/${index}`,
            to: [{ channel: channelId, urgent: when.on === 'failure' }],
            subject: `“${run.title}”: ${alertWords(when)}`,
            text: when.on === 'failure' ? `It ended as ${status.replace('_', ' ')}: ${why ?? 'no reason was told.'}` : `The query “${run.title}” on ${run.connectionName} has run: ${alertWords(when)}.`, // prettier-ignore
            run: { id: run.runId, title: run.title, url: `${publicUrl}/runs/${run.runId}` },
            stepAddress: null,
            timeoutMs: 60_000,
            signal,
          });
        };
        // Failures first: they need nothing of the service, which may be what failed.
        if (status !== 'succeeded' && status !== 'canceled')
          for (const alert of alerts) if (alert.when.on === 'failure') await tell(alert);
        const ofRows = alerts.filter(({ when }) => when.on === 'rows' || when.on === 'no_rows' || when.on === 'value');
        if (!hasRows || ofRows.length === 0) return { told };
        const found = await look(parts, ofRows.map(({ when }) => when)); // prettier-ignore
        for (const alert of ofRows) if (meetsAlert(alert.when, found)) await tell(alert);
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
): Promise<{ rowCount: number | null; firstRow?: Record<string, string | null> }> {
  const { run } = parts;
  const counted = conditions.some(({ on }) => on === 'rows' || on === 'no_rows') && run.rowCount === null;
  const enough = counted ? Math.max(0, ...conditions.map((when) => (when.on === 'rows' ? when.count : 0))) + 1 : 1;
  if (!counted && !conditions.some(({ on }) => on === 'value')) return { rowCount: run.rowCount };
  if (!run.ref) return { rowCount: run.rowCount };
  const stop = new AbortController();
  try {
    const { columns, source } = await openSource(
      wholeResult(parts, AbortSignal.any([parts.signal, stop.signal])),
      false,
    );
    let rows = 0;
    let firstRow: Record<string, string | null> | undefined;
    for await (const page of pagesOf(source)) {
      const [first] = page;
      firstRow ??= first && Object.fromEntries(columns.map(({ name }, at) => [name, first[at] ?? null]));
      rows += page.length;
      if (rows >= enough) break;
    }
    return { rowCount: run.rowCount ?? rows, ...(firstRow && { firstRow }) };
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
    case 'failure':
      return 'failed';
    case 'late':
      return 'late';
  }
}
