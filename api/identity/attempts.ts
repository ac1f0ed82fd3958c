import type { SystemTx } from '#db/kit/database.ts';
import { inSystem } from '#db/kit/in-tenant.ts';
import {
  accountKey,
  accountRule,
  addressKey,
  addressRule,
  clearAttempts,
  countAttempt,
  uncountAttempt,
} from '#db/system/sign-in-throttle.ts';
import { problem } from '../kit/problem.ts';
import type { ApiTools } from '../kit/tools.ts';

/** Refuses while an account or an address is locked, and counts this attempt. The same for accounts that do not exist. */
export async function holdAttempts(tools: ApiTools, email: string, address: string | null): Promise<void> {
  const now = new Date(tools.auth.clock.now());
  const waitMs = await inSystem(tools.system, async (tx) => {
    const ofAccount = await countAttempt(tx, accountKey(email), accountRule, now);
    return ofAccount > 0 || address === null ? ofAccount : countAttempt(tx, addressKey(address), addressRule, now);
  });
  if (waitMs > 0) throw problem('identity.locked', { retryAfter: Math.ceil(waitMs / 1_000) });
}

/** A good attempt, or one that was neither good nor bad. */
export async function settleAttempts(
  tx: SystemTx,
  email: string,
  address: string | null,
  isGood: boolean,
): Promise<void> {
  if (isGood) await clearAttempts(tx, accountKey(email));
  else await uncountAttempt(tx, accountKey(email));
  if (address !== null) await uncountAttempt(tx, addressKey(address));
}
