import { alertRoutes, type ShownAlert } from '#contracts/alerts/alerts.ts';
import { recordChange } from '#db/audit/record-change.ts';
import { listAlerts, listMarks, readAlert, setAlertStatus } from '#db/alerts/alerts.ts';
import type { TenantTx } from '#db/kit/database.ts';
import type { RouteDef } from '#contracts/kit/route.ts';
import { problem } from '../kit/problem.ts';
import { auditOrigin, type Call, room } from '../kit/room.ts';

/** Alerts as they stand. */
export const alertRoom = room(alertRoutes, (tools) => {
  const set = (
    call: Pick<Call<RouteDef>, 'actor' | 'request'> & { params: { id: string } },
    status: 'acknowledged' | 'resolved',
  ): Promise<ShownAlert> =>
    tools.inTenant(call.actor, async (tx) => {
      const alert = await mustRead(tx, call.params.id);
      const changed = await setAlertStatus(tx, alert.id, status);
      // What is over already stays so: saying it twice is no mistake.
      if (!changed) return alert;
      await recordChange(tx, {
        ...auditOrigin(call),
        action: `alert.${status}`,
        subject: `alert:${alert.id}`,
        title: alert.title,
        before: { status: alert.status },
        after: { status },
      });
      return mustRead(tx, alert.id);
    });
  return {
    listAlerts: ({ actor, query }) => tools.inTenant(actor, (tx) => listAlerts(tx, query)),
    getAlert: ({ actor, params }) => tools.inTenant(actor, (tx) => mustRead(tx, params.id)),
    acknowledgeAlert: (call) => set(call, 'acknowledged'),
    resolveAlert: (call) => set(call, 'resolved'),
    listMarks: ({ actor, query }) => tools.inTenant(actor, (tx) => listMarks(tx, query)),
  };
});

async function mustRead(tx: TenantTx, id: string): Promise<ShownAlert> {
  const alert = await readAlert(tx, id);
  if (!alert) throw problem('request.not_found');
  return alert;
}
