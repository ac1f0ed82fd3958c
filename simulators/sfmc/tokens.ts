import type { IncomingMessage } from 'node:http';
import { type AccessToken, type Package, type RefreshToken, type World, enterpriseOf, newSecret } from './world.ts';

/** What a token may do; all of a package's unless it asks for less. */
export const allScopes = [
  'offline',
  'accounts_read',
  'automations_execute',
  'automations_read',
  'automations_write',
  'data_extensions_read',
  'data_extensions_write',
  'journeys_read',
  'list_and_subscribers_read',
  'saved_content_read',
  'tracking_events_read',
  'users_read',
];

export interface Grant {
  readonly pack: Package;
  readonly userId: number;
  readonly mid: number;
  readonly scopes: readonly string[];
  readonly family: string;
  readonly withRefresh: boolean;
}

/** Hands out an access token, and a refresh token where the grant has one. `origin` is where all three bases are. */
export function issue(world: World, grant: Grant, origin: string): Record<string, unknown> {
  const { pack, userId, mid, family } = grant;
  const scopes = [...grant.scopes];
  const token = `eyJ.sim.${newSecret()}`;
  const expiresAt = world.now() + world.knobs.tokenLifeS * 1_000;
  world.access.set(token, { token, packageId: pack.id, userId, mid, scopes, expiresAt, family });
  const answer: Record<string, unknown> = {
    access_token: token,
    token_type: 'Bearer',
    expires_in: world.knobs.tokenLifeS,
  };
  if (grant.withRefresh) {
    const refresh: RefreshToken = {
      token: `r-${newSecret()}`,
      family,
      packageId: pack.id,
      userId,
      mid,
      scopes,
      usedAt: null,
      successor: null,
    };
    world.refresh.set(refresh.token, refresh);
    answer['refresh_token'] = refresh.token;
  }
  return {
    ...answer,
    scope: scopes.join(' '),
    rest_instance_url: `${origin}/rest/`,
    soap_instance_url: `${origin}/soap/`,
  };
}

/** Ends all tokens that come from one sign-in. */
export function revokeFamily(world: World, family: string): void {
  world.revokedFamilies.add(family);
  for (const [token, access] of world.access) if (access.family === family) world.access.delete(token);
}

/** The live token behind a text. */
export function findAccess(world: World, token: string): AccessToken | undefined {
  const access = world.access.get(token);
  return access && access.expiresAt > world.now() ? access : undefined;
}

export const bearerOf = (request: IncomingMessage): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';

export function tokenContext(world: World, { mid, userId }: AccessToken): object {
  return { enterprise: { id: enterpriseOf(world) }, organization: { id: mid }, user: { id: userId } };
}

export function userInfo(world: World, access: AccessToken, origin: string): object {
  const user = world.users.find(({ id }) => id === access.userId);
  const unit = world.units.find(({ mid }) => mid === access.mid);
  const pack = world.packages.find(({ id }) => id === access.packageId);
  const timezone = {
    longName: '(GMT-06:00) Central Time (No Daylight Saving)',
    shortName: 'CST',
    offset: -6,
    dst: false,
  };
  return {
    exp: Math.floor(access.expiresAt / 1_000),
    iss: `${origin}/auth/`,
    user: {
      sub: String(access.userId),
      name: user?.name ?? '',
      preferred_username: user?.username ?? '',
      email: user?.email ?? '',
      locale: 'en-US',
      zoneinfo: 'Etc/GMT+6',
      timezone,
    },
    organization: {
      member_id: access.mid,
      enterprise_id: enterpriseOf(world),
      enterprise_name: world.enterpriseName,
      account_type: unit?.parent === 0 ? 'enterprise' : 'business_unit',
      stack_key: 'S0',
      region: 'SIM',
      locale: 'en-US',
      zoneinfo: 'Etc/GMT+6',
      timezone,
    },
    rest: { rest_instance_url: `${origin}/rest/`, soap_instance_url: `${origin}/soap/` },
    application: {
      id: pack?.id ?? '',
      name: pack?.name ?? '',
      redirectUris: pack?.redirectUris ?? [],
      scopes: access.scopes,
    },
    permissions: [],
  };
}
