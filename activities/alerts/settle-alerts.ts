import type { Db, TenantTx } from '#db/kit/database.ts';
import { acceptAlerts } from '#db/alerts/accept-alerts.ts';
import { readAlertSourceRow, setQuiet } from '#db/alerts/alert-sources.ts';
import { mostAtOnce, settleAlerts } from '#db/alerts/settle-alerts.ts';
import { sourcesByHeartbeat, workspacesWithAlertsDue } from '#db/system/alerts-due.ts';
import type { Log } from '#system/log.ts';
import { byWorkspace } from '../kit/by-workspace.ts';
import type { Sweep } from '../kit/sweep.ts';

export interface AlertTools {
  system: Db;
  inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  log: Log;
}

/** Events after which alerts may have their turn. */
const wakes: ReadonlySet<string> = new Set([
  'alert.received',
  'alert.changed',
  'silence.changed',
  'alert_source.changed',
]);

/**
 * Settles alerts as they come: woken by the events of what was committed, in whichever process; one pass at a time for
 * each workspace. What it misses, and what time alone brings about, the sweep finds.
 */
export function alertSettler({ system, inTenant, log }: AlertTools) {
  const due = byWorkspace(async (workspaceId) => {
    const count = await inTenant(workspaceId, (tx) => settleAlerts(tx, Date.now()));
    // Another process is at it: it may have read before what we were woken for was committed.
    if (count === null) await new Promise((resolve) => setTimeout(resolve, 100));
    return count !== null && count < mostAtOnce;
  });

  return {
    /** Is told of every event of the stream. */
    onEvent({ type, workspaceId }: { type: string; workspaceId: string }): void {
      if (due.isStopped || !wakes.has(type)) return;
      due.look(workspaceId).catch((err: unknown) => log.warn({ err, workspaceId }, 'alerts are settled later'));
    },
    sweep: {
      name: 'settle-alerts',
      everyMs: 2_000,
      run: async () => {
        for (const workspaceId of await workspacesWithAlertsDue(system)) await due.look(workspaceId);
      },
    } satisfies Sweep,
    stop: due.stop,
  };
}

/** A source that has said nothing for longer than it may raises an alert of its own; its next word ends it. */
export const watchHeartbeats = ({ system, inTenant }: Pick<AlertTools, 'system' | 'inTenant'>): Sweep => ({
  name: 'watch-alert-sources',
  everyMs: 10_000,
  run: async () => {
    for (const { workspaceId, id, isQuiet } of await sourcesByHeartbeat(system)) {
      await inTenant(workspaceId, async (tx) => {
        const source = await readAlertSourceRow(tx, id, { lock: true });
        if (!source || source.isQuiet === isQuiet) return;
        await setQuiet(tx, id, isQuiet);
        await acceptAlerts(tx, id, source.name, [
          {
            key: 'windlass-heartbeat',
            groupKey: null,
            status: isQuiet ? 'firing' : 'resolved',
            severity: 'high',
            title: `${source.name} has gone silent`,
            description: 'Nothing has come from this source for longer than its heartbeat allows.',
            labels: { alertname: 'SourceSilent', severity: 'high', source: source.name },
            startsAt: null,
            endsAt: null,
            links: [],
          },
        ]);
      });
    }
  },
});
