import type { TenantTx } from '../kit/database.ts';

/**
 * Hands alerts of an incident to another one.
 * @returns how many of them were of it; there are none while nothing sends alerts
 */
export const moveAlertsTo = async (
  _tx: TenantTx,
  _alertIds: readonly string[],
  _of: { from: string; to: string },
): Promise<number> => 0;
