import type { RenewalOutcome, RenewToken } from '#contracts/connections/lifecycle.ts';
import { QueryFailure, type QueryFailureFacts } from '#contracts/queries/failures.ts';
import { type GrantedTokens, isOwnGrant, renewGrant, type SignedInAs } from '#connectors/engines/grants.ts';
import type { KeptConnections } from '#connectors/http/kept-connections.ts';
import type { PublicConfig } from '#contracts/connections/config.ts';
import { openSecrets, type OpenedSecrets } from '#db/connections/connection-secrets.ts';
import { connectionForCalls, egressOf } from '#db/connections/engine-rows.ts';
import { keepGranted } from '#db/connections/keep-granted.ts';
import type { TakenTurn } from '#db/connections/take-turns.ts';
import { untilDatabase } from '#db/kit/database-away.ts';
import { noteFailedRefresh, openTokens, readTokenRow, takeTurn, type TokenPlace } from '#db/connections/token-sets.ts';
import type { Secret } from '#system/secret.ts';
import type { ActivityTools } from '../kit/tools.ts';

export interface RenewTools extends Pick<ActivityTools, 'inTenant' | 'vault'> {
  readonly isOwnPort?: ((address: string, port: number) => boolean) | undefined;
  readonly now?: (() => number) | undefined;
  /** Where many are renewed one after another: services whose answer may be asked for twice are asked over open connections. */
  readonly connections?: KeptConnections | undefined;
}

/** Longer than a token call may take with its own tries. */
export const turnMs = 100_000;
/** How often it is looked whether somebody else's renewal is through. */
const lookMs = 250;

/** Whoever asks too late for a set that somebody is renewing waits; its own attempt ends before. */
export class RenewalBusy extends Error {
  override name = 'RenewalBusy';
}

/**
 * Renews one token set, once for all who ask: the turn is a row's, so that no two processes use a rotating token. What
 * stands newer than the generation that was found wanting is the answer. Repeatable: where an answer was lost, the old
 * token is tried again, which services allow for a while.
 * @throws RenewalBusy where another process is at it for longer than the signal allows
 */
export async function renewTokens(
  tools: RenewTools,
  place: TokenPlace,
  { spent, cause }: Pick<RenewToken, 'spent' | 'cause'>,
  signal?: AbortSignal,
): Promise<RenewalOutcome> {
  const { inTenant, vault } = tools;
  for (;;) {
    const { workspaceId, connectionId } = place;
    const begun = await inTenant(workspaceId, async (tx) => {
      const connection = await connectionForCalls(tx, connectionId);
      if (!connection || connection.config.kind === 'postgres') return null;
      const turn = await takeTurn(tx, place, { spent, leaseMs: turnMs, isFirst: isOwnGrant(connection.config) });
      if (turn?.kind !== 'ours') return { connection, turn };
      const [egress, secrets] = await Promise.all([egressOf(tx), openSecrets(tx, vault, workspaceId, connectionId)]);
      return { connection, config: connection.config, turn, egress, secrets };
    });
    if (!begun?.turn) return refused(notSignedIn);
    const { turn } = begun;
    if (turn.kind === 'fresh') return { outcome: 'fresh', generation: turn.row.generation, failure: null };
    if (turn.kind === 'busy') {
      if (signal?.aborted) throw new RenewalBusy();
      await new Promise((resolve) => setTimeout(resolve, lookMs));
      continue;
    }
    if (!begun.config) return refused(notSignedIn);
    const { config, secrets, egress } = begun;
    return useTurn(
      tools,
      place,
      { config, secrets, egress, row: turn.row, isAfterLoss: turn.isAfterLoss, cause },
      signal,
    );
  }
}

/** A turn that is ours, with what the renewal is made with. */
export interface OurTurn {
  readonly config: Exclude<PublicConfig, { kind: 'postgres' }>;
  readonly secrets: OpenedSecrets;
  readonly egress: readonly string[];
  /** The set that is renewed; null: the first. */
  readonly row: TakenTurn['row'] | null;
  readonly isAfterLoss: boolean;
  readonly cause: RenewToken['cause'];
}

/** Renews the set whose turn was taken, and writes down what came of it. */
export async function useTurn(
  tools: RenewTools,
  place: TokenPlace,
  { config, secrets, egress, row, isAfterLoss, cause }: OurTurn,
  signal?: AbortSignal,
): Promise<RenewalOutcome> {
  const { inTenant, vault, now = Date.now } = tools;
  const old = row && (await openTokens(vault, place, row));
  const beganAt = now();
  const note = () => ({ cause, tookMs: Math.max(0, now() - beganAt) });
  let renewed: { tokens: GrantedTokens; as: SignedInAs | null };
  try {
    renewed = await renewGrant(
      {
        config,
        secrets,
        guard: { allow: egress, isOwnPort: tools.isOwnPort, connections: tools.connections },
        now,
        signal,
      },
      { refreshToken: old?.refreshToken ?? null, unit: place.unit, scopes: old?.scopes ?? [] },
    );
  } catch (error) {
    if (!(error instanceof QueryFailure)) throw error;
    const { facts } = error;
    const isRefusal = facts.kind === 'auth' && !facts.retryable;
    const said = isRefusal && isAfterLoss ? afterLoss(facts) : facts;
    await inTenant(place.workspaceId, (tx) =>
      noteFailedRefresh(tx, place, { ...note(), failure: said, isOpen: facts.mayHaveActed }),
    );
    return { outcome: isRefusal ? 'refused' : 'failed', generation: old?.generation ?? 0, failure: said };
  }
  const granted = renewed;
  const kept = { ...note(), isOwn: isOwnGrant(config) };
  // The service has let the old set go: this one is stored, however long the database is away.
  const generation = await untilDatabase(() => keepGranted(tools, place, granted, kept));
  return { outcome: 'renewed', generation, failure: null };
}

/** The access and refresh token of a set, to be given back. Null where none stands. */
export async function tokensToRevoke(
  { inTenant, vault }: RenewTools,
  place: TokenPlace,
): Promise<{ access: Secret; refresh: Secret | null } | null> {
  const row = await inTenant(place.workspaceId, (tx) => readTokenRow(tx, place));
  if (!row || row.generation === 0) return null;
  const { accessToken, refreshToken } = await openTokens(vault, place, row);
  return { access: accessToken, refresh: refreshToken };
}

const refused = (failure: QueryFailureFacts): RenewalOutcome => ({ outcome: 'refused', generation: 0, failure });
const notSignedIn = new QueryFailure({
  kind: 'auth',
  code: 'not_signed_in',
  message: 'Nobody is signed in on this connection.',
  hint: 'Sign in at the service.',
}).facts;
const afterLoss = (facts: QueryFailureFacts): QueryFailureFacts => ({
  ...facts,
  hint: 'The answer to an earlier renewal was lost on its way. Sign in again.',
});
