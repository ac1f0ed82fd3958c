import type { EngineOf, Engines } from '#contracts/connections/engines.ts';
import type { RenewalOutcome, RenewToken } from '#contracts/connections/lifecycle.ts';
import type { QueryEngine } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { EngineMaterial, LiveTokens, LiveTokenSource, PostgresOpener } from '#connectors/engines/material.ts';
import { openEngine } from '#connectors/engines/open-engine.ts';
import { KeptConnections } from '#connectors/http/kept-connections.ts';
import { openSecrets } from '#db/connections/connection-secrets.ts';
import {
  type ConnectionForCalls,
  connectionForCalls,
  type EngineRows,
  engineRows,
  unitForCalls,
} from '#db/connections/engine-rows.ts';
import { openTokens, readTokenRow, type TokenPlace } from '#db/connections/token-sets.ts';
import { readAmcCatalog } from '#db/connections/amc-catalog.ts';
import type { TenantTx } from '#db/kit/database.ts';
import type { Vault } from '#system/vault/vault.ts';
import type { CallBudgets } from './call-budget.ts';

export interface EnginesTools {
  readonly inTenant: <T>(workspaceId: string, work: (tx: TenantTx) => Promise<T>) => Promise<T>;
  readonly vault: Vault;
  readonly budgets: CallBudgets;
  /** Asks the connection's lifecycle for another token set. */
  readonly askRenewal: (of: { workspaceId: string; runId: string }, wanted: RenewToken) => Promise<RenewalOutcome>;
  readonly isOwnPort?: ((address: string, port: number) => boolean) | undefined;
  readonly postgres: PostgresOpener;
  /** Ends what this process has open for a connection. */
  readonly closeLive: (connectionId: string) => Promise<void>;
  readonly now?: () => number;
}

/** How long a token set is used from memory before its row is looked at again. */
const trustMs = 3_000;
/** A set this near its end is as good as ended: a call may take as long. */
const marginMs = 5_000;
const mostKept = 500;

/** Calls of one unit at once, by the service: Marketing Cloud's SOAP gives out at more, Amazon throttles by account. */
const parallelOf = { sfmc: 5, amc: 10, postgres: null } as const;

/** Engines with everything they need from database and vault. One of it in each process. */
export class ConnectionEngines implements Engines<EngineRows> {
  readonly #tools: EnginesTools;
  readonly #engines = new Map<string, { version: number; stamp: string; engine: QueryEngine }>();
  readonly #held = new Map<string, { tokens: LiveTokens; readAt: number }>();
  readonly #renewing = new Map<string, Promise<LiveTokens>>();

  constructor(tools: EnginesTools) {
    this.#tools = tools;
  }

  async open(of: EngineOf, rows?: EngineRows): Promise<QueryEngine> {
    const { engine, state, name } = await this.#opened(of, rows);
    if (state === 'disconnecting' && !of.isEnding)
      throw missing('connection_disconnecting', `The connection ${name} is being disconnected.`);
    return engine;
  }

  /** Also while the connection is being disconnected: for what takes leave of the service. */
  async openToLeave(of: EngineOf): Promise<QueryEngine> {
    return (await this.#opened(of)).engine;
  }

  async #opened(of: EngineOf, rows?: EngineRows): Promise<{ engine: QueryEngine; state: string; name: string }> {
    const { inTenant, vault } = this.#tools;
    const { workspaceId, connectionId } = of;
    const { connection, unit, egress } = rows ?? (await inTenant(workspaceId, (tx) => engineRows(tx, of)));
    if (!connection) throw missing('connection_gone', 'The connection is not there any more.');
    if (of.unit !== null && !unit)
      throw missing('unit_unknown', `The connection ${connection.name} has no business unit or instance ${of.unit}.`);
    const key = `${connectionId}/${unit?.unit ?? ''}`;
    const kept = this.#engines.get(key);
    const stamp = `${egress.join(',')}|${JSON.stringify(unit?.details ?? null)}`;
    const version = connection.version;
    if (kept && kept.version === version && kept.stamp === stamp) return { ...connection, engine: kept.engine };
    const secrets = await inTenant(workspaceId, (tx) => openSecrets(tx, vault, workspaceId, connectionId));
    const isDefault = of.unit === null || (await inTenant(workspaceId, (tx) => unitForCalls(tx, connectionId, null)))?.unit === unit?.unit; // prettier-ignore
    const tokenUnit = connection.kind === 'sfmc' && !isDefault ? (unit?.unit ?? '') : '';
    const material: EngineMaterial = {
      workspaceId,
      connectionId,
      config: connection.config,
      secrets,
      unit: unit?.unit ?? null,
      unitDetails: { ...unit?.details, name: unit?.name ?? null },
      tokens: this.#tokensOf({ workspaceId, connectionId, unit: tokenUnit }),
      ...(connection.kind === 'amc' && {
        catalog: () => inTenant(workspaceId, (tx) => readAmcCatalog(tx, { connectionId, unit: unit?.unit ?? '' })),
      }),
      // Of this connection and unit alone: nobody else's requests go over what these open.
      guard: { allow: egress, isOwnPort: this.#tools.isOwnPort, connections: new KeptConnections() },
      slot: this.#tools.budgets.slotOf(
        { workspaceId, connectionId, unit: connection.kind === 'sfmc' ? (unit?.unit ?? '') : '' },
        { parallel: parallelOf[connection.kind], perSecond: connection.callsPerSecond },
      ),
      postgres: this.#tools.postgres,
      ...(this.#tools.now && { now: this.#tools.now }),
    };
    const engine = openEngine(material);
    if (this.#engines.size >= mostKept) this.#engines.clear();
    this.#engines.set(key, { version, stamp, engine });
    return { ...connection, engine };
  }

  /** Forgets a connection that is being disconnected, and ends what this process has open for it. */
  async forget(connectionId: string): Promise<void> {
    for (const kept of [this.#engines, this.#held])
      for (const key of kept.keys()) if (key.startsWith(`${connectionId}/`)) kept.delete(key);
    await this.#tools.closeLive(connectionId);
  }

  #tokensOf(place: TokenPlace): LiveTokenSource {
    const key = `${place.connectionId}/${place.unit}`;
    const now = this.#tools.now ?? Date.now;
    const current = async (): Promise<LiveTokens> => {
      const renewing = this.#renewing.get(key);
      if (renewing) return renewing;
      const held = this.#held.get(key);
      if (held && now() - held.readAt < trustMs && held.tokens.expiresAtMs - marginMs > now()) return held.tokens;
      const tokens = await this.#read(place);
      if (tokens && tokens.expiresAtMs - marginMs > now()) return tokens;
      return this.#renew(place, tokens?.generation ?? 0);
    };
    return {
      current,
      renew: async (spent) => {
        const tokens = await this.#read(place);
        // Refused a moment late: it has been renewed since.
        if (tokens && tokens.generation > spent.generation) return tokens;
        return this.#renew(place, spent.generation);
      },
    };
  }

  /** One renewal at a time in this process; the lifecycle makes it one at a time for all. */
  #renew(place: TokenPlace, spent: number): Promise<LiveTokens> {
    const key = `${place.connectionId}/${place.unit}`;
    const under = this.#renewing.get(key);
    if (under) return under;
    const renewing = (async () => {
      const { workspaceId, connectionId } = place;
      const connection = await this.#tools.inTenant(workspaceId, (tx) => connectionForCalls(tx, connectionId));
      if (!connection) throw missing('connection_gone', 'The connection is not there any more.');
      if (connection.runId === null) throw notSignedIn(connection);
      const { outcome, failure } = await this.#tools.askRenewal(
        { workspaceId, runId: connection.runId },
        { unit: place.unit, spent, cause: 'spent' },
      );
      if (outcome === 'refused' || outcome === 'failed')
        throw failure ? new QueryFailure(failure) : notSignedIn(connection);
      const tokens = await this.#read(place);
      if (!tokens) throw notSignedIn(connection);
      return tokens;
    })().finally(() => this.#renewing.delete(key));
    this.#renewing.set(key, renewing);
    return renewing;
  }

  async #read(place: TokenPlace): Promise<LiveTokens | null> {
    const row = await this.#tools.inTenant(place.workspaceId, (tx) => readTokenRow(tx, place));
    if (!row || row.generation === 0) return null;
    const key = `${place.connectionId}/${place.unit}`;
    const held = this.#held.get(key);
    const now = this.#tools.now ?? Date.now;
    if (held?.tokens.generation === row.generation) {
      held.readAt = now();
      return held.tokens;
    }
    const kept = await openTokens(this.#tools.vault, place, row);
    const tokens: LiveTokens = { ...kept, refreshAtMs: kept.refreshAtMs ?? kept.expiresAtMs };
    if (this.#held.size >= mostKept) this.#held.clear();
    this.#held.set(key, { tokens, readAt: now() });
    return tokens;
  }
}

const missing = (code: string, message: string): QueryFailure =>
  new QueryFailure({ kind: 'auth', code, message, hint: 'Look at the connection’s page.' });

const notSignedIn = ({ name }: Pick<ConnectionForCalls, 'name'>): QueryFailure =>
  new QueryFailure({
    kind: 'auth',
    code: 'not_signed_in',
    message: `Nobody is signed in on the connection ${name}.`,
    hint: 'Sign in on the connection’s page; the query goes on by itself.',
  });
