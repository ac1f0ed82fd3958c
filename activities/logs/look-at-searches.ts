import type { IncomingAlert } from '#contracts/alerts/incoming-alert.ts';
import { readLogSearch } from '#contracts/logs/search-text.ts';
import { appendEvent } from '#db/events/append-event.ts';
import type { Db, TenantTx } from '#db/kit/database.ts';
import { lockDueSearch, type LogSearchRow, noteLook, postponeLook } from '#db/logs/log-searches.ts';
import { countUpTo } from '#db/logs/search-logs.ts';
import { dueLogSearches } from '#db/system/log-sweeps.ts';
import type { Log } from '#system/log.ts';
import type { Sweep } from '../kit/sweep.ts';

const minuteMs = 60_000;
export type AcceptAlerts = (
  tx: TenantTx,
  sourceId: string | null,
  sourceName: string,
  alerts: IncomingAlert[],
) => Promise<unknown>;

/** How often a search is counted: four times in its span, at most once in 20 s and at least every five minutes. */
const paceMs = (withinMinutes: number): number =>
  Math.min(5 * minuteMs, Math.max(20_000, (withinMinutes * minuteMs) / 4));

/** The alert of a saved search; the same key for as long as the search is there, so that repeats are one. */
export const alertOfSearch = (
  { id, name, search, alert }: Pick<LogSearchRow, 'id' | 'name' | 'search' | 'alert'>,
  { isFiring, count, now }: { isFiring: boolean; count: number; now: Date },
): IncomingAlert => ({
  key: `log-search/${id}`,
  groupKey: `log-search/${id}`,
  status: isFiring ? 'firing' : 'resolved',
  severity: alert?.severity ?? 'warning',
  title: name,
  description: alert
    ? `${count >= alert.threshold ? `${alert.threshold} or more` : count} lines within ${alert.withinMinutes} min: ${search || 'any line'}`
    : search,
  labels: { log_search: name },
  startsAt: isFiring ? now.toISOString() : null,
  endsAt: isFiring ? null : now.toISOString(),
  links: [],
});

/**
 * Counts the lines of saved searches with a threshold, and raises or resolves their alerts. What was found, the state
 * and the alert are one transaction, so that another process or a second pass tells nothing twice.
 */
export const lookAtSearches = ({
  system,
  inTenant,
  acceptAlerts,
  log,
  now = () => new Date(),
}: {
  system: Db;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  acceptAlerts: AcceptAlerts;
  log: Log;
  now?: () => Date;
}): Sweep => ({
  name: 'look-at-log-searches',
  everyMs: 10_000,
  run: async () => {
    for (const { workspaceId, id } of await dueLogSearches(system, now())) {
      // One that cannot be counted in time must not keep the others from being looked at.
      await inTenant(workspaceId, (tx) => look(tx, id, now(), acceptAlerts)).catch(async (error: unknown) => {
        log.warn({ err: error, workspaceId, id }, 'a saved search could not be counted');
        await inTenant(workspaceId, (tx) => postponeLook(tx, id, new Date(now().getTime() + minuteMs)));
      });
    }
  },
});

async function look(tx: TenantTx, id: string, now: Date, acceptAlerts: AcceptAlerts): Promise<void> {
  const row = await lockDueSearch(tx, id, now);
  if (!row?.alert) return;
  const { threshold, withinMinutes } = row.alert;
  const read = readLogSearch(row.search);
  if (!read.ok) return;
  const nowMs = now.getTime();
  const window = { fromMs: nowMs - withinMinutes * minuteMs, toMs: nowMs + minuteMs };
  const count = await countUpTo(tx, { terms: read.terms }, window, threshold);
  const isFiring = count >= threshold;
  await noteLook(tx, row, { count, isFiring, now, nextMs: paceMs(withinMinutes) });
  const wasFiring = row.state === 'firing';
  // While it fires it is told again, as Alertmanager does: counts go up, and an alert that was resolved by hand comes back.
  if (isFiring || wasFiring)
    await acceptAlerts(tx, null, 'Log searches', [alertOfSearch(row, { isFiring, count, now })]);
  if (isFiring !== wasFiring)
    await appendEvent(tx, {
      type: 'log_search.changed',
      subject: `log_search:${id}`,
      data: { name: row.name, change: isFiring ? 'firing' : 'quiet' },
    });
}
