import { firingCounts, moveAlerts } from '../alerts/alerts.ts';
import type { TenantTx } from '../kit/database.ts';
import { setAlertCounts } from './alert-counts.ts';

/**
 * Hands alerts of an incident to another one, and counts both anew.
 * @returns how many of them were of it
 */
export async function moveAlertsTo(
  tx: TenantTx,
  alertIds: readonly string[],
  { from, to }: { from: string; to: string },
): Promise<number> {
  const moved = await moveAlerts(tx, alertIds, { from, to });
  if (moved === 0) return 0;
  const counts = await firingCounts(tx, [from, to]);
  for (const id of [from, to]) await setAlertCounts(tx, id, counts.get(id) ?? { firing: 0, total: 0 });
  return moved;
}
