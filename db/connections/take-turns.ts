import { sql } from 'kysely';
import type { PublicConfig } from '#contracts/connections/config.ts';
import type { TenantTx } from '../kit/database.ts';
import type { SealedSecrets } from './connection-secrets.ts';
import type { TokenRow } from './token-sets.ts';

/** A turn that was taken, with all that its renewal needs. */
export interface TakenTurn {
  connectionId: string;
  unit: string;
  config: PublicConfig;
  secrets: SealedSecrets;
  row: Pick<TokenRow, 'generation' | 'sealed' | 'scopes' | 'expiresAt' | 'refreshAt'>;
  /** An earlier use of this generation got no answer. */
  isAfterLoss: boolean;
}

/**
 * Takes the turns of many token sets of one workspace at once, as `takeTurn` takes one: those that stand at the generation
 * named and that nobody is at. The others are not among the answers, nor is one that somebody else holds at this moment.
 */
export async function takeTurns(
  tx: TenantTx,
  wanted: readonly { connectionId: string; unit: string; generation: number }[],
  leaseMs: number,
): Promise<TakenTurn[]> {
  const { rows } = await sql<Omit<TakenTurn, 'row'> & TakenTurn['row']>`
    with wanted as (
      select * from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w("connectionId" uuid, unit text, generation int)
    ), ready as (
      select t.connection_id, t.unit, t.renewing_generation = t.generation as is_after_loss
      from connection_tokens t join wanted w on w."connectionId" = t.connection_id and w.unit = t.unit
      where t.generation = w.generation and t.generation > 0 and coalesce(t.renewing_until <= now(), true)
      for update of t skip locked
    ), taken as (
      update connection_tokens t set renewing_generation = t.generation,
        renewing_until = now() + ${leaseMs} * interval '1 millisecond'
      from ready r where t.connection_id = r.connection_id and t.unit = r.unit
      returning t.connection_id, t.unit, t.generation, t.sealed, t.scopes, t.expires_at, t.refresh_at, r.is_after_loss
    )
    select t.connection_id as "connectionId", t.unit, t.generation, t.sealed, t.scopes, t.expires_at as "expiresAt",
      t.refresh_at as "refreshAt", coalesce(t.is_after_loss, false) as "isAfterLoss", c.config,
      (select coalesce(jsonb_object_agg(s.name, s.sealed), '{}') from connection_secrets s
        where s.connection_id = t.connection_id) as secrets
    from taken t join connections c on c.id = t.connection_id`.execute(tx);
  return rows.map(({ connectionId, unit, config, secrets, isAfterLoss, ...row }) => ({
    connectionId,
    unit,
    config,
    secrets,
    isAfterLoss,
    row,
  }));
}
