import type { ActorRef } from '#contracts/kit/schemas.ts';
import { firingCounts, moveAlerts } from '../alerts/alerts.ts';
import { findHosts, linkHosts } from '../alerts/link-hosts.ts';
import type { TenantTx } from '../kit/database.ts';
import { setAlertCounts } from './alert-counts.ts';

/**
 * Hands alerts of an incident to another one, with links to the hosts they name, and counts both anew.
 * @returns how many of them were of it
 */
export async function moveAlertsTo(
  tx: TenantTx,
  alertIds: readonly string[],
  { from, to, actor }: { from: string; to: string; actor: ActorRef },
): Promise<number> {
  const moved = await moveAlerts(tx, alertIds, { from, to });
  if (moved.length === 0) return 0;
  const counts = await firingCounts(tx, [from, to]);
  for (const id of [from, to]) await setAlertCounts(tx, id, counts.get(id) ?? { firing: 0, total: 0 });
  await linkHosts(tx, to, { labels: moved, known: await findHosts(tx, moved), actor });
  return moved.length;
}
