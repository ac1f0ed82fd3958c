import { appendEvent } from '../events/append-event.ts';
import type { TenantTx } from '../kit/database.ts';
import { signalIncident } from './signals.ts';

/**
 * Says how many alerts of an incident fire and how many it has, and lets its workflow look: with none firing it is
 * resolved where `resolves` says so (else as was said before). In the transaction that changed the alerts.
 */
export async function setAlertCounts(
  tx: TenantTx,
  incidentId: string,
  { firing, total, resolves }: { firing: number; total: number; resolves?: boolean },
): Promise<void> {
  const row = await tx
    .updateTable('incidents')
    .set({
      alertsFiring: firing,
      alertsTotal: total,
      updatedAt: new Date(),
      ...(resolves !== undefined && { resolvesWithAlerts: resolves }),
    })
    .where('id', '=', incidentId)
    .returning(['key', 'version'])
    .executeTakeFirst();
  if (!row) return;
  await appendEvent(tx, {
    type: 'incident.changed',
    subject: `incident:${incidentId}`,
    data: { key: row.key, version: row.version, change: 'alerts', alertsFiring: firing, alertsTotal: total },
  });
  if (firing === 0) await signalIncident(tx, incidentId, { kind: 'alerts' });
}
