import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { TokenRefresh } from '#contracts/connections/connections.ts';
import type { QueryFailureFacts } from '#contracts/queries/failures.ts';
import { Secret } from '#system/secret.ts';
import type { SealContext, Vault } from '#system/vault/vault.ts';
import type { TenantTx } from '../kit/database.ts';

/** The place of a token set: of a business unit, or `''` where one set serves the whole connection. */
export interface TokenPlace {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly unit: string;
}

/** A token set as it is kept. */
export interface KeptTokens {
  readonly generation: number;
  readonly accessToken: Secret;
  /** Null: of a grant that has none. */
  readonly refreshToken: Secret | null;
  readonly expiresAtMs: number;
  /** Null: not renewed ahead of time. */
  readonly refreshAtMs: number | null;
  readonly scopes: readonly string[];
  readonly restUrl: string;
  readonly soapUrl: string;
}
export type NewTokens = Omit<KeptTokens, 'generation'>;

const Sealed = z.object({
  access: z.string(),
  refresh: z.string().nullable(),
  rest: z.string(),
  soap: z.string(),
});
const contextOf = ({ workspaceId, connectionId, unit }: TokenPlace): SealContext => ({
  workspaceId,
  purpose: 'token',
  subject: `connection:${connectionId}/tokens/${unit}`,
});

/** Seals a token set for its place. Done before the transaction begins. */
export const sealTokens = (vault: Vault, place: TokenPlace, tokens: NewTokens): Promise<string> =>
  vault.seal(
    JSON.stringify({
      access: tokens.accessToken.reveal(),
      refresh: tokens.refreshToken?.reveal() ?? null,
      rest: tokens.restUrl,
      soap: tokens.soapUrl,
    } satisfies z.infer<typeof Sealed>),
    contextOf(place),
  );

/** What of a token set may be known without opening it. */
export interface TokenRow {
  unit: string;
  generation: number;
  sealed: string;
  scopes: string[];
  expiresAt: Date;
  refreshAt: Date | null;
  renewingGeneration: number | null;
  renewingUntil: Date | null;
}

/** The row of one token set; undefined where nobody has signed in. */
export const readTokenRow = (tx: TenantTx, { connectionId, unit }: TokenPlace): Promise<TokenRow | undefined> =>
  tx
    .selectFrom('connectionTokens')
    .select(['unit', 'generation', 'sealed', 'scopes', 'expiresAt', 'refreshAt', 'renewingGeneration', 'renewingUntil'])
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .executeTakeFirst();

export async function openTokens(
  vault: Vault,
  place: TokenPlace,
  row: Pick<TokenRow, 'generation' | 'sealed' | 'scopes' | 'expiresAt' | 'refreshAt'>,
): Promise<KeptTokens> {
  const { access, refresh, rest, soap } = Sealed.parse(
    JSON.parse((await vault.open(row.sealed, contextOf(place))).reveal()),
  );
  return {
    generation: row.generation,
    accessToken: new Secret(access),
    refreshToken: refresh === null ? null : new Secret(refresh),
    expiresAtMs: row.expiresAt.getTime(),
    refreshAtMs: row.refreshAt?.getTime() ?? null,
    scopes: row.scopes,
    restUrl: rest,
    soapUrl: soap,
  };
}

/** Whether a renewal may begin now. */
export type Turn =
  /** It is ours: the row says that this generation is about to be used. `isAfterLoss`: an earlier use of it got no answer. */
  | { readonly kind: 'ours'; readonly row: TokenRow | null; readonly isAfterLoss: boolean }
  /** Somebody has renewed it since. */
  | { readonly kind: 'fresh'; readonly row: TokenRow }
  /** Somebody is at it, until then at the latest. */
  | { readonly kind: 'busy'; readonly untilMs: number };

/**
 * Takes the turn to renew a token set, and writes down that its generation is about to be used, before it is: a rotating
 * token is spent by its use, also where the answer is lost.
 * @param spent the generation that somebody found wanting; null: whatever stands
 * @param isFirst a set may be made where none stands (grants of the application itself)
 */
export async function takeTurn(
  tx: TenantTx,
  place: TokenPlace,
  { spent, leaseMs, isFirst }: { spent: number | null; leaseMs: number; isFirst: boolean },
): Promise<Turn | null> {
  const { connectionId, unit } = place;
  if (isFirst)
    await tx
      .insertInto('connectionTokens')
      .values({
        connectionId,
        unit,
        generation: 0,
        sealed: '',
        expiresAt: new Date(0),
        refreshAt: null,
        renewingGeneration: null,
        renewingUntil: null,
      }) // prettier-ignore
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const row = await tx
    .selectFrom('connectionTokens')
    .select(['unit', 'generation', 'sealed', 'scopes', 'expiresAt', 'refreshAt', 'renewingGeneration', 'renewingUntil'])
    .select(sql<boolean>`coalesce(renewing_until > now(), false)`.as('isBusy'))
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return null;
  if (spent !== null && row.generation > spent) return { kind: 'fresh', row };
  if (row.isBusy && row.renewingUntil) return { kind: 'busy', untilMs: row.renewingUntil.getTime() };
  await tx
    .updateTable('connectionTokens')
    .set({
      renewingGeneration: row.generation,
      renewingUntil: sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`,
    })
    .where('connectionId', '=', connectionId)
    .where('unit', '=', unit)
    .execute();
  return { kind: 'ours', row: row.generation === 0 ? null : row, isAfterLoss: row.renewingGeneration === row.generation && row.generation > 0 }; // prettier-ignore
}

/** How a renewal went, for the list of the last twenty. */
export interface RefreshNote {
  readonly cause: TokenRefresh['cause'];
  readonly tookMs: number;
}

/**
 * Keeps a new token set in place of the one it was taken for, and notes it: one statement, so that there is no moment
 * with neither. @returns its generation
 */
export async function keepTokens(
  tx: TenantTx,
  { connectionId, unit }: TokenPlace,
  sealed: string,
  tokens: NewTokens,
  note: RefreshNote,
): Promise<number> {
  const { rows } = await sql<{ generation: number }>`
    with kept as (
      insert into connection_tokens (connection_id, unit, generation, sealed, scopes, expires_at, refresh_at, attempts)
      values (${connectionId}, ${unit}, 1, ${sealed}, ${[...tokens.scopes]}, ${new Date(tokens.expiresAtMs)},
        ${tokens.refreshAtMs === null ? null : new Date(tokens.refreshAtMs)}, 1)
      on conflict (workspace_id, connection_id, unit) do update set
        generation = connection_tokens.generation + 1, sealed = excluded.sealed, scopes = excluded.scopes,
        expires_at = excluded.expires_at, refresh_at = excluded.refresh_at, refreshed_at = now(),
        renewing_generation = null, renewing_until = null, attempts = connection_tokens.attempts + 1
      returning generation, attempts
    ), noted as (
      insert into connection_refreshes (connection_id, unit, place, id, at, outcome, cause, took_ms)
      select ${connectionId}, ${unit}, attempts % ${keptRefreshes}, ${uuidv7()}, now(), 'renewed', ${note.cause}, ${note.tookMs}
      from kept
      on conflict (workspace_id, connection_id, unit, place) do update set
        id = excluded.id, at = excluded.at, outcome = excluded.outcome, cause = excluded.cause, took_ms = excluded.took_ms, failure = null
    )
    select generation from kept`.execute(tx);
  return rows[0]?.generation ?? 0;
}

/** How many renewals of each token set are remembered. */
export const keptRefreshes = 20;

/**
 * Notes a renewal that did not succeed. Nothing renews it ahead of time any more: that is the lifecycle's from here on.
 * @param isOpen whether the token was used although no answer came: the mark of its use then stays
 */
export async function noteFailedRefresh(
  tx: TenantTx,
  { connectionId, unit }: TokenPlace,
  { failure, isOpen, ...note }: RefreshNote & { failure: QueryFailureFacts; isOpen: boolean },
): Promise<void> {
  const outcome: TokenRefresh['outcome'] = failure.kind === 'auth' && !failure.retryable ? 'refused' : 'failed';
  await sql`
    with noted as (
      update connection_tokens set renewing_until = null, refresh_at = null, attempts = attempts + 1,
        renewing_generation = case when ${isOpen} then renewing_generation end
      where connection_id = ${connectionId} and unit = ${unit} returning attempts
    )
    insert into connection_refreshes (connection_id, unit, place, id, at, outcome, cause, took_ms, failure)
    select ${connectionId}, ${unit}, attempts % ${keptRefreshes}, ${uuidv7()}, now(), ${outcome}, ${note.cause}, ${note.tookMs}, ${JSON.stringify(failure)}::jsonb
    from noted
    on conflict (workspace_id, connection_id, unit, place) do update set
      id = excluded.id, at = excluded.at, outcome = excluded.outcome, cause = excluded.cause, took_ms = excluded.took_ms,
      failure = excluded.failure`.execute(tx);
}

/** The last renewals of a connection, newest first. */
export async function listRefreshes(tx: TenantTx, connectionId: string): Promise<TokenRefresh[]> {
  const rows = await tx
    .selectFrom('connectionRefreshes')
    .select(['id', 'at', 'outcome', 'cause', 'tookMs', 'failure'])
    .where('connectionId', '=', connectionId)
    .orderBy('at', 'desc')
    .limit(keptRefreshes)
    .execute();
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
}

/** When each token set of a connection ends and is renewed. */
export const tokenTimes = (tx: TenantTx, connectionId: string) =>
  tx
    .selectFrom('connectionTokens')
    .select(['unit', 'generation', 'expiresAt', 'refreshAt', 'refreshedAt'])
    .where('connectionId', '=', connectionId)
    .where('generation', '>', 0)
    .orderBy('unit')
    .execute();

/** Takes every token set of a connection away: it is signed out. */
export const dropTokens = (tx: TenantTx, connectionId: string) =>
  tx.deleteFrom('connectionTokens').where('connectionId', '=', connectionId).execute();
