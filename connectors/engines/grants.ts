import type { PublicConfig } from '#contracts/connections/config.ts';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { Secret } from '#system/secret.ts';
import {
  consentUrl,
  exchangeCode as exchangeAmcCode,
  type LoginClient,
  refreshAfterMs,
  refreshTokens as refreshAmc,
  type Tokens as AmcTokens,
} from '../amc/login.ts';
import { type GuardOptions, type Resolve } from '../http/guarded-request.ts';
import {
  authorizeUrl,
  exchangeCode as exchangeSfmcCode,
  type OauthTools,
  readTokenContext,
  readUserInfo,
  refreshTokens as refreshSfmc,
  revokeToken,
  type SfmcClient,
  takeClientToken,
  type TokenSet,
} from '../sfmc/oauth.ts';
import { guardedAsk } from '../sfmc/transport.ts';
import type { LiveTokens, OpenSecrets } from './material.ts';
import { type AmcConfig, endpointsOf, type SfmcConfig } from './open-engine.ts';

/** A service that people or applications sign in at. */
export interface GrantOf {
  readonly config: Extract<PublicConfig, { kind: 'sfmc' | 'amc' }>;
  readonly secrets: OpenSecrets;
  readonly guard: GuardOptions & { readonly resolve?: Resolve };
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => number) | undefined;
}

/**
 * What a sign-in or a renewal gives. When to renew it has jitter: many that were made together drift apart. No refresh token:
 * of a grant that has none.
 */
export type GrantedTokens = Omit<LiveTokens, 'generation'> & { readonly refreshToken: Secret | null };

/** As whom, and to which business unit, somebody is signed in. */
export interface SignedInAs {
  readonly account: { readonly id: string; readonly name: string };
  readonly unit: { readonly id: string; readonly name: string } | null;
}

/** A token of Amazon lives an hour and is renewed on a tick of ten minutes (AMC §1.3), Marketing Cloud's at four fifths. */
const mostAhead = { sfmc: Number.POSITIVE_INFINITY, amc: 10 * 60_000 } as const;

/** Up to a tenth of the wait sooner, never later. */
function refreshAt(kind: 'sfmc' | 'amc', nowMs: number, afterMs: number): number {
  const wait = Math.min(Math.max(0, afterMs), mostAhead[kind]);
  return Math.floor(nowMs + wait * (1 - 0.1 * Math.random()));
}

const sfmcClient = ({ clientId, authUrl }: SfmcConfig, secrets: OpenSecrets): SfmcClient => ({
  clientId,
  authUrl,
  clientSecret: secrets.clientSecret ?? null,
});
const oauthTools = ({ guard, signal, now = Date.now }: GrantOf): OauthTools => ({
  ask: guardedAsk(guard),
  now,
  signal,
});

function amcClient(config: AmcConfig, { secrets, guard }: GrantOf): LoginClient {
  if (!secrets.clientSecret)
    throw new QueryFailure({
      kind: 'auth',
      code: 'connection_incomplete',
      message: 'The connection has no client secret.',
      hint: 'Set the client secret of the application.',
    });
  return { clientId: config.clientId, clientSecret: secrets.clientSecret, endpoints: endpointsOf(config), guard };
}

const fromSfmc = (set: TokenSet, old: Secret | null, nowMs: number): GrantedTokens => ({
  accessToken: set.accessToken,
  refreshToken: set.refreshToken ?? old,
  expiresAtMs: set.expiresAtMs,
  refreshAtMs: refreshAt('sfmc', nowMs, set.refreshAtMs - nowMs),
  scopes: set.scopes,
  restUrl: set.restUrl,
  soapUrl: set.soapUrl,
});
const fromAmc = (
  { accessToken, refreshToken, expiresInMs }: AmcTokens,
  sentAtMs: number,
  scopes: readonly string[],
): GrantedTokens => ({
  accessToken,
  refreshToken,
  expiresAtMs: sentAtMs + expiresInMs,
  refreshAtMs: refreshAt('amc', sentAtMs, refreshAfterMs(expiresInMs)),
  scopes,
  restUrl: '',
  soapUrl: '',
});
const amcScopes = ['advertising::campaign_management'];
/** What the console asks Marketing Cloud for is what the package grants: none is named. */

/** Where the browser goes to sign in. @param verifier kept sealed until the code is exchanged (PKCE) */
export function signInUrl(
  { config }: Pick<GrantOf, 'config'>,
  {
    redirectUri,
    state,
    verifier,
    challenge,
  }: { redirectUri: string; state: string; verifier: Secret; challenge: string },
): string {
  if (config.kind === 'sfmc') return authorizeUrl(config, { redirectUri, state, challenge });
  return consentUrl(
    { clientId: config.clientId, endpoints: endpointsOf(config) },
    { redirectUri, state, verifier: verifier.reveal() },
  );
}

/** The code of a redirect for tokens, and whose they are. One attempt: a code works once. @throws QueryFailure */
export async function finishSignIn(
  of: GrantOf,
  given: { code: string; redirectUri: string; verifier: Secret; unit: string | null },
): Promise<{ tokens: GrantedTokens; as: SignedInAs }> {
  const { config, secrets, signal, now = Date.now } = of;
  const { code, redirectUri, verifier } = given;
  if (config.kind === 'amc') {
    const sentAtMs = now();
    const tokens = await exchangeAmcCode(amcClient(config, of), {
      code,
      redirectUri,
      verifier: verifier.reveal(),
      ...(signal && { signal }),
    });
    return {
      tokens: fromAmc(tokens, sentAtMs, amcScopes),
      as: { account: { id: config.clientId, name: 'Login with Amazon' }, unit: null },
    };
  }
  const tools = oauthTools(of);
  const wanted = given.unit ?? (config.accountId ? String(config.accountId) : null);
  const set = await exchangeSfmcCode(
    sfmcClient(config, secrets),
    { code, redirectUri, verifier, ...(wanted !== null && { accountId: Number(wanted) }) },
    tools,
  );
  return { tokens: fromSfmc(set, null, now()), as: await whoIs(config.authUrl, set, tools) };
}

async function whoIs(authUrl: string, set: TokenSet, tools: OauthTools): Promise<SignedInAs> {
  const user = await readUserInfo(authUrl, set.accessToken, tools);
  return {
    account: {
      id: user.userId,
      name: [user.name || user.username, user.enterpriseName].filter(Boolean).join(' · ') || user.userId,
    },
    unit: { id: String(user.mid), name: user.enterpriseName || String(user.mid) },
  };
}

/** Whether the application signs itself in, without a person. */
export const isOwnGrant = (config: PublicConfig): boolean => config.kind === 'sfmc' && config.grant === 'server';

/**
 * Another token set: by the refresh token, which is spent by it, or by the application itself.
 * @param unit the business unit the set must be of; `''` the connection's own
 * @throws QueryFailure `mayHaveActed` where the answer was lost: the refresh token may be spent
 */
export async function renewGrant(
  of: GrantOf,
  { refreshToken, unit, scopes }: { refreshToken: Secret | null; unit: string; scopes: readonly string[] },
): Promise<{ tokens: GrantedTokens; as: SignedInAs | null }> {
  const { config, secrets, signal, now = Date.now } = of;
  if (config.kind === 'sfmc' && config.grant === 'server') {
    const tools = oauthTools(of);
    const accountId = unit === '' ? (config.accountId ?? undefined) : Number(unit);
    const set = await takeClientToken(sfmcClient(config, secrets), { accountId }, tools);
    const { mid } = await readTokenContext(set.restUrl, set.accessToken, tools);
    return {
      tokens: fromSfmc(set, null, now()),
      as: { account: { id: config.clientId, name: 'Installed package' }, unit: { id: String(mid), name: String(mid) } },
    };
  }
  if (!refreshToken)
    throw new QueryFailure({
      kind: 'auth',
      code: 'no_refresh_token',
      message: 'The service gave no token to renew the sign-in with.',
      hint: 'Allow offline access for the application, then sign in again.',
    });
  if (config.kind === 'sfmc')
    return { tokens: fromSfmc(await refreshSfmc(sfmcClient(config, secrets), refreshToken, oauthTools(of)), refreshToken, now()), as: null }; // prettier-ignore
  const sentAtMs = now();
  return { tokens: fromAmc(await refreshAmc(amcClient(config, of), refreshToken, signal), sentAtMs, scopes), as: null };
}

/** From a refresh token that Marketing Cloud's App Switcher handed over. */
export async function signInByRefreshToken(
  of: GrantOf & { config: SfmcConfig },
  refreshToken: Secret,
): Promise<{ tokens: GrantedTokens; as: SignedInAs }> {
  const tools = oauthTools(of);
  const set = await refreshSfmc(sfmcClient(of.config, of.secrets), refreshToken, tools);
  return {
    tokens: fromSfmc(set, refreshToken, (of.now ?? Date.now)()),
    as: await whoIs(of.config.authUrl, set, tools),
  };
}

/** Gives access back. `false`: the service has no such call, and its tokens end by themselves. */
export async function revokeGrant(of: GrantOf, token: Secret): Promise<boolean> {
  return of.config.kind === 'sfmc' ? revokeToken(sfmcClient(of.config, of.secrets), token, oauthTools(of)) : false;
}
