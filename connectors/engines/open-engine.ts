import type { PublicConfig } from '#contracts/connections/config.ts';
import type { QueryEngine } from '#contracts/queries/engine.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import type { AmcInstance } from '../amc/accounts.ts';
import { AdsClient } from '../amc/ads-client.ts';
import { type AmcEndpoints, amcEndpoints } from '../amc/endpoints.ts';
import { amcEngine } from '../amc/engine.ts';
import { sfmcEngine } from '../sfmc/engine.ts';
import { guardedAsk } from '../sfmc/transport.ts';
import type { EngineMaterial, LiveTokens } from './material.ts';

export type SfmcConfig = Extract<PublicConfig, { kind: 'sfmc' }>;
export type AmcConfig = Extract<PublicConfig, { kind: 'amc' }>;
export type PostgresConfig = Extract<PublicConfig, { kind: 'postgres' }>;

/** The engine of one connection and unit. Opens nothing by itself. @throws QueryFailure where something it needs is missing */
export function openEngine(material: EngineMaterial): QueryEngine {
  const { config } = material;
  switch (config.kind) {
    case 'sfmc':
      return openSfmc(material, config);
    case 'amc':
      return openAmc(material, config);
    case 'postgres':
      return openPostgres(material, config);
  }
}

/** The service's addresses: Amazon's of the region, or those of a simulator. */
export const endpointsOf = (config: AmcConfig): AmcEndpoints => config.endpoints ?? amcEndpoints[config.region];

const missing = (message: string, hint: string): QueryFailure =>
  new QueryFailure({ kind: 'auth', code: 'connection_incomplete', message, hint });

function openSfmc(
  { tokens, guard, slot, unit, now }: EngineMaterial,
  { folder, accountId }: SfmcConfig,
): ReturnType<typeof sfmcEngine> {
  const asSet = (live: LiveTokens) => ({ ...live, refreshToken: null });
  const lives = new WeakMap<object, LiveTokens>();
  const kept = (live: LiveTokens) => {
    const set = asSet(live);
    lives.set(set, live);
    return set;
  };
  return sfmcEngine({
    ask: guardedAsk(guard),
    tokens: {
      current: async (signal) => kept(await tokens.current(signal)),
      renew: async (spent, signal) => {
        const live = lives.get(spent);
        return kept(live ? await tokens.renew(live, signal) : await tokens.current(signal));
      },
    },
    slot,
    mid: Number(unit ?? accountId ?? 0),
    folderName: folder,
    ...(now && { now }),
  });
}

function openAmc(material: EngineMaterial, config: AmcConfig): ReturnType<typeof amcEngine> {
  const { unit, unitDetails, catalog, now } = material;
  const instance: AmcInstance = {
    instanceId: unit ?? '',
    name: String(unitDetails['name'] ?? unit ?? ''),
    isSandbox: unitDetails['isSandbox'] === true,
    isReady: unitDetails['isReady'] !== false,
    account: {
      accountId: String(unitDetails['accountId'] ?? ''),
      accountName: typeof unitDetails['accountName'] === 'string' ? unitDetails['accountName'] : null,
      marketplaceId: String(unitDetails['marketplaceId'] ?? ''),
    },
  };
  return amcEngine({
    client: adsClientOf(material, config),
    instance,
    ...(catalog && { catalog }),
    ...(now && { now }),
  });
}

/** Calls of the Ads API with the connection's tokens and within its budget. */
export function adsClientOf({ tokens, guard, slot }: EngineMaterial, config: AmcConfig): AdsClient {
  // The client knows tokens by their text alone; what they were part of is found again by it.
  const lives = new Map<string, LiveTokens>();
  const kept = (live: LiveTokens) => {
    if (lives.size > 16) lives.clear();
    lives.set(live.accessToken.reveal(), live);
    return live.accessToken;
  };
  return new AdsClient({
    base: endpointsOf(config).ads,
    clientId: config.clientId,
    guard,
    slot,
    tokens: {
      current: async (signal) => kept(await tokens.current(signal)),
      renew: async (refused, signal) => {
        const live = lives.get(refused.reveal());
        return kept(live ? await tokens.renew(live, signal) : await tokens.current(signal));
      },
    },
  });
}

function openPostgres(
  { workspaceId, connectionId, secrets, guard, postgres }: EngineMaterial,
  config: PostgresConfig,
): QueryEngine {
  if (!secrets.password) throw missing('The connection has no password.', 'Set the password of the connection.');
  return postgres({ workspaceId, connectionId, config, password: secrets.password, guard });
}
