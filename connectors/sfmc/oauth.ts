import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '#system/secret.ts';
import type { OutgoingRequest } from '../http/guarded-request.ts';
import { judgeRepeatable, withRetries } from '../http/retry.ts';
import { restFailure, tokenFailure, unreadable } from './failures.ts';
import { type Ask, readJson } from './transport.ts';

/** An installed package of Marketing Cloud. A public app has no secret. */
export interface SfmcClient {
  readonly clientId: string;
  readonly clientSecret: Secret | null;
  /** `https://{TSSD}.auth.marketingcloudapis.com/`. */
  readonly authUrl: string;
}

/** What a sign-in or a refresh gives. Whoever asked stores it whole, before the old one is dropped. */
export interface TokenSet {
  readonly accessToken: Secret;
  /** Null: of a grant that has none, or of an answer that kept the old one. */
  readonly refreshToken: Secret | null;
  /** When it ends, milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** When to take a new one: four fifths of its life. */
  readonly refreshAtMs: number;
  readonly scopes: readonly string[];
  /** With a slash at the end; never built by us. */
  readonly restUrl: string;
  readonly soapUrl: string;
}

/** A tenant-specific subdomain. */
export const Tssd = z.string().regex(/^mc[0-9a-z-]{26}$/, 'A tenant subdomain has 28 characters and begins with mc.');

/** Where a tenant signs in. */
export const authUrlOf = (tssd: string): string => `https://${Tssd.parse(tssd)}.auth.marketingcloudapis.com/`;

export interface Pkce {
  readonly verifier: Secret;
  readonly challenge: string;
}
export function makePkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier: new Secret(verifier), challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/**
 * Where the user's browser goes to sign in and consent.
 * @param state single use, bound to the session, short lived: the caller's part
 */
export function authorizeUrl(
  client: Pick<SfmcClient, 'authUrl' | 'clientId'>,
  asked: { redirectUri: string; state: string; scopes?: readonly string[]; challenge?: string },
): string {
  const url = new URL('v2/authorize', withSlash(client.authUrl));
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', client.clientId);
  url.searchParams.set('redirect_uri', asked.redirectUri);
  url.searchParams.set('state', asked.state);
  if (asked.scopes) url.searchParams.set('scope', asked.scopes.join(' '));
  if (asked.challenge !== undefined) {
    url.searchParams.set('code_challenge', asked.challenge);
    url.searchParams.set('code_challenge_method', 'S256');
  }
  return url.href;
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  token_type: z.string(),
  expires_in: z.coerce
    .number()
    .positive()
    .max(86_400 * 365),
  refresh_token: z.string().min(1).optional(),
  scope: z.string().default(''),
  rest_instance_url: z.url(),
  soap_instance_url: z.url(),
});

/** What a token is for. `accountId`: the business unit; absent, the user's own. */
interface Wanted {
  readonly scopes?: readonly string[] | undefined;
  readonly accountId?: number | undefined;
}
export interface OauthTools {
  readonly ask: Ask;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

const tokenTimeoutMs = 30_000;

async function askToken(
  client: SfmcClient,
  fields: Record<string, string | number | undefined>,
  tools: OauthTools,
): Promise<TokenSet> {
  const sentAtMs = tools.now();
  const secret = client.clientSecret && { client_secret: client.clientSecret.reveal() };
  const answer = await tools.ask(
    jsonRequest(
      new URL('v2/token', withSlash(client.authUrl)).href,
      { client_id: client.clientId, ...secret, ...fields },
      tools.signal,
    ),
    {
      isRepeatable: false,
    },
  );
  if (answer.status !== 200) throw tokenFailure(answer);
  const read = TokenAnswer.safeParse(readJson(answer));
  if (!read.success) throw unreadable('The token answer lacks what it must hold.', answer.status, false);
  const { access_token, expires_in, refresh_token, scope, rest_instance_url, soap_instance_url } = read.data;
  return {
    accessToken: new Secret(access_token),
    refreshToken: refresh_token === undefined ? null : new Secret(refresh_token),
    // Counted from when it was asked for, so that a slow answer does not make it live longer here than there.
    expiresAtMs: sentAtMs + expires_in * 1_000,
    refreshAtMs: sentAtMs + expires_in * 800,
    scopes: scope.split(' ').filter(Boolean),
    restUrl: withSlash(rest_instance_url),
    soapUrl: withSlash(soap_instance_url),
  };
}

const jsonRequest = (url: string, body: object, signal: AbortSignal | undefined): OutgoingRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(body),
  timeoutMs: tokenTimeoutMs,
  ...(signal && { signal }),
});

const scopeField = ({ scopes }: Wanted): string | undefined => scopes?.join(' ');

/**
 * The code of a redirect for tokens. One attempt: a code works once, so a lost answer means signing in again.
 * @throws QueryFailure `auth` with the service's code (`invalid_grant`…), or what kept the answer away
 */
export const exchangeCode = (
  client: SfmcClient,
  {
    code,
    redirectUri,
    verifier,
    ...wanted
  }: Wanted & { code: string; redirectUri: string; verifier?: Secret | undefined },
  tools: OauthTools,
): Promise<TokenSet> =>
  askToken(
    client,
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier?.reveal(),
      scope: scopeField(wanted),
      account_id: wanted.accountId,
    },
    tools,
  );

/** A server-to-server token; another business unit is another token. Repeatable, so busy moments are waited out. */
export const takeClientToken = (client: SfmcClient, wanted: Wanted, tools: OauthTools): Promise<TokenSet> =>
  withRetries(
    () =>
      askToken(
        client,
        { grant_type: 'client_credentials', scope: scopeField(wanted), account_id: wanted.accountId },
        tools,
      ),
    { signal: tools.signal, judge: judgeRepeatable },
  );

/**
 * A new token set for a refresh token, which is used up by it. Tried again only where the service surely did nothing:
 * after a lost answer the token may be spent, and a second use would end the whole sign-in. That failure has
 * `mayHaveActed`; the caller decides, holding the only copy.
 */
export const refreshTokens = (client: SfmcClient, refreshToken: Secret, tools: OauthTools): Promise<TokenSet> =>
  withRetries(() => askToken(client, { grant_type: 'refresh_token', refresh_token: refreshToken.reveal() }, tools), {
    signal: tools.signal,
  });

const User = z.object({
  sub: z.coerce.string(),
  name: z.string().default(''),
  preferred_username: z.string().default(''),
  email: z.string().default(''),
});
const UserInfo = z.object({
  user: User,
  organization: z.object({
    member_id: z.coerce.number(),
    enterprise_id: z.coerce.number(),
    enterprise_name: z.string().default(''),
    account_type: z.string().default(''),
    stack_key: z.string().default(''),
    region: z.string().default(''),
  }),
  application: z
    .object({ id: z.coerce.string(), name: z.string().default('') })
    .partial()
    .default({}),
});

export interface SfmcIdentity {
  readonly userId: string;
  readonly name: string;
  readonly username: string;
  readonly email: string;
  readonly mid: number;
  readonly enterpriseId: number;
  readonly enterpriseName: string;
  readonly stack: string;
  readonly applicationName: string;
}

/** Who signed in, and to which business unit. */
export async function readUserInfo(authUrl: string, accessToken: Secret, tools: OauthTools): Promise<SfmcIdentity> {
  const read = UserInfo.safeParse(await getJson(new URL('v2/userinfo', withSlash(authUrl)).href, accessToken, tools));
  if (!read.success) throw unreadable('The answer about the user lacks what it must hold.');
  const { user, organization, application } = read.data;
  return {
    userId: user.sub,
    name: user.name,
    username: user.preferred_username,
    email: user.email,
    mid: organization.member_id,
    enterpriseId: organization.enterprise_id,
    enterpriseName: organization.enterprise_name,
    stack: organization.stack_key,
    applicationName: application.name ?? '',
  };
}

const TokenContext = z.object({
  enterprise: z.object({ id: z.coerce.number() }),
  organization: z.object({ id: z.coerce.number() }),
  user: z.object({ id: z.coerce.number() }),
});

/** Whether a token works, and for whom: the cheapest call there is. */
export async function readTokenContext(restUrl: string, accessToken: Secret, tools: OauthTools) {
  const read = TokenContext.safeParse(
    await getJson(new URL('platform/v1/tokenContext', restUrl).href, accessToken, tools),
  );
  if (!read.success) throw unreadable('The answer about the token lacks what it must hold.');
  return { enterpriseId: read.data.enterprise.id, mid: read.data.organization.id, userId: read.data.user.id };
}

const getJson = (url: string, accessToken: Secret, tools: OauthTools): Promise<unknown> =>
  withRetries(
    async () => {
      const headers = { authorization: `Bearer ${accessToken.reveal()}`, accept: 'application/json' };
      const answer = await tools.ask(
        { method: 'GET', url, headers, timeoutMs: tokenTimeoutMs, ...(tools.signal && { signal: tools.signal }) },
        { isRepeatable: true },
      );
      if (answer.status !== 200) throw restFailure(answer);
      return readJson(answer);
    },
    { signal: tools.signal, judge: judgeRepeatable },
  );

/**
 * Ends a sign-in at the service. `false`: the service has no such call, as not every tenant does; then its tokens end by
 * themselves, and uninstalling the package ends them at once.
 */
export async function revokeToken(client: SfmcClient, token: Secret, tools: OauthTools): Promise<boolean> {
  const secret = client.clientSecret && { client_secret: client.clientSecret.reveal() };
  const url = new URL('v2/revoke', withSlash(client.authUrl)).href;
  const answer = await withRetries(
    async () => {
      const reply = await tools.ask(
        jsonRequest(url, { token: token.reveal(), client_id: client.clientId, ...secret }, tools.signal),
        { isRepeatable: true },
      );
      if (reply.status === 429 || reply.status >= 500) throw tokenFailure(reply);
      return reply;
    },
    { signal: tools.signal, judge: judgeRepeatable },
  );
  if (answer.status === 404 || answer.status === 405) return false;
  if (answer.status >= 400) throw tokenFailure(answer);
  return true;
}
