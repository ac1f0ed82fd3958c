import type { TokenRefresh } from '#contracts/connections/connections.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';
import { noteSignedIn } from './connection-states.ts';
import { keepTokens, type NewTokens, sealTokens, type TokenPlace } from './token-sets.ts';

/** What a service granted, and to whom. */
export interface Granted {
  readonly tokens: NewTokens;
  readonly as: {
    readonly account: { readonly id: string; readonly name: string };
    readonly unit: { readonly id: string; readonly name: string } | null;
  } | null;
}

/**
 * Stores a token set, and as whom it is. Once the service has answered, the set before it is worth nothing any more, so
 * this must come through: whoever calls it repeats it while the database is away.
 * @param isOwn the application signed itself in: sets of further units are taken when somebody needs them, not kept fresh
 * @returns the set's generation
 */
export async function keepGranted(
  {
    vault,
    inTenant,
  }: { vault: Vault; inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T> },
  place: TokenPlace,
  { tokens, as }: Granted,
  { isOwn, ...note }: { isOwn: boolean; cause: TokenRefresh['cause']; tookMs: number },
  also?: (tx: TenantTx) => Promise<void>,
): Promise<number> {
  const set = isOwn && place.unit !== '' ? { ...tokens, refreshAtMs: null } : tokens;
  const sealed = await sealTokens(vault, place, set);
  return inTenant(place.workspaceId, async (tx) => {
    const generation = await keepTokens(tx, place, sealed, set, note);
    if (as) await noteSignedIn(tx, place, as);
    await also?.(tx);
    return generation;
  });
}
