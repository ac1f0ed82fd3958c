import { createHash } from 'node:crypto';
import { z } from 'zod';
import { QueryFailure } from '#contracts/queries/failures.ts';
import { Secret } from '#system/secret.ts';
import { type GuardOptions, guardedRequest } from '../http/guarded-request.ts';
import type { AmcEndpoints } from './endpoints.ts';
import { networkFailure, unreadable, wordsOf } from './failures.ts';

export interface LoginClient {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly endpoints: Pick<AmcEndpoints, 'consent' | 'token'>;
  readonly guard: GuardOptions;
}
export interface Tokens {
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  /** How long the access token is good, counted from when the request was sent. */
  readonly expiresInMs: number;
}

/** One scope covers campaigns, reports and AMC (AMC §1.2); others are for data providers. */
export const usualScopes = ['advertising::campaign_management'];
const timeoutMs = 30_000;

/**
 * Where to send a person so that they allow access.
 * @param state unguessable; must come back unchanged
 * @param verifier kept by us until the code is exchanged, 43 to 128 characters (PKCE)
 */
export function consentUrl(
  { clientId, endpoints }: Pick<LoginClient, 'clientId' | 'endpoints'>,
  {
    redirectUri,
    state,
    verifier,
    scopes = usualScopes,
  }: { redirectUri: string; state: string; verifier: string; scopes?: readonly string[] },
): string {
  const url = new URL(endpoints.consent);
  const query = {
    client_id: clientId,
    scope: scopes.join(' '),
    response_type: 'code',
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Turns the code of a redirect into tokens. Never tried again by itself: a code is good once. */
export const exchangeCode = (
  client: LoginClient,
  given: { code: string; redirectUri: string; verifier: string; signal?: AbortSignal },
): Promise<Tokens> =>
  askForTokens(
    client,
    {
      grant_type: 'authorization_code',
      code: given.code,
      redirect_uri: given.redirectUri,
      code_verifier: given.verifier,
    },
    given.signal,
  );

/**
 * A new access token. The service repeats the same refresh token, so a lost answer loses nothing and it may be sent again.
 * @throws QueryFailure `auth` / `invalid_grant` where the person took access back: only connecting again helps
 */
export const refreshTokens = (client: LoginClient, refreshToken: Secret, signal?: AbortSignal): Promise<Tokens> =>
  askForTokens(client, { grant_type: 'refresh_token', refresh_token: refreshToken.reveal() }, signal);

/** When to refresh: at four fifths of its life, and at the latest after ten minutes less than that life (AMC §1.3). */
export const refreshAfterMs = (expiresInMs: number): number => Math.max(0, Math.floor(expiresInMs * 0.8));

const TokenAnswer = z.object({
  access_token: z.string().min(1).max(4_096),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z
    .number()
    .positive()
    .max(86_400 * 30),
  refresh_token: z.string().min(1).max(4_096).optional(),
});
const ErrorAnswer = z.object({ error: z.string().max(100) });

async function askForTokens(
  client: LoginClient,
  fields: Record<string, string>,
  signal?: AbortSignal,
): Promise<Tokens> {
  const isRefresh = fields['grant_type'] === 'refresh_token';
  const body = new URLSearchParams({
    ...fields,
    client_id: client.clientId,
    client_secret: client.clientSecret.reveal(),
  }).toString();
  const answer = await guardedRequest(
    {
      method: 'POST',
      url: client.endpoints.token,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', accept: 'application/json' },
      body,
      isRepeatable: isRefresh,
      timeoutMs,
      keepBytes: 65_536,
      ...(signal && { signal }),
    },
    client.guard,
  ).catch((error: unknown) => {
    throw networkFailure(error, isRefresh);
  });
  const text = answer.body.toString('utf8');
  if (answer.status !== 200) throw loginFailure(answer.status, text, answer.retryAfterMs, isRefresh);
  const parsed = TokenAnswer.safeParse(parseJson(text));
  // The text is never part of the failure: it may hold the token.
  if (answer.truncated || !parsed.success)
    throw unreadable('Login with Amazon gave an answer without a token.', isRefresh);
  const { access_token, expires_in, refresh_token = fields['refresh_token'] } = parsed.data;
  if (refresh_token === undefined) throw unreadable('Login with Amazon gave no refresh token.', isRefresh);
  return {
    accessToken: new Secret(access_token),
    refreshToken: new Secret(refresh_token),
    expiresInMs: expires_in * 1_000,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function loginFailure(status: number, text: string, retryAfterMs: number | null, isRefresh: boolean): QueryFailure {
  const error = ErrorAnswer.safeParse(parseJson(text));
  const code = error.success ? error.data.error.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_') : `http_${status}`;
  const message = wordsOf(text) || `Login with Amazon answered ${status}.`;
  const facts = { code, message, status, retryAfterMs };
  if (code === 'invalid_grant') return new QueryFailure({ ...facts, kind: 'auth', hint: 'Connect the account again.' });
  if (code === 'invalid_client' || code === 'unauthorized_client' || status === 401)
    return new QueryFailure({
      ...facts,
      kind: 'auth',
      hint: 'Check client id and secret of the application, and whether Amazon approved it.',
    });
  if (status === 429)
    return new QueryFailure({ ...facts, kind: 'quota', hint: 'Too many sign-ins at once; it is tried again.' });
  if (status >= 500)
    return new QueryFailure({
      ...facts,
      kind: 'provider',
      hint: 'Amazon has a problem; it is tried again.',
      retryable: true,
      mayHaveActed: !isRefresh,
    });
  return new QueryFailure({
    ...facts,
    kind: 'auth',
    hint: 'The connection is set up wrongly: check scopes and the address to return to.',
  });
}

/** What came back on the redirect. */
export type Redirected =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly failure: QueryFailure };
/** Reads the redirect; another state than ours is refused before anything else is believed. */
export function readRedirect(query: URLSearchParams, expectedState: string): Redirected {
  const refuse = (code: string, message: string, hint: string): Redirected => ({
    ok: false,
    failure: new QueryFailure({ kind: 'auth', code, message, hint }),
  });
  if (query.get('state') !== expectedState)
    return refuse('state_mismatch', 'The answer belongs to another sign-in.', 'Start connecting again.');
  const error = query.get('error');
  if (error !== null)
    return refuse(
      error.slice(0, 100),
      query.get('error_description')?.slice(0, 500) ?? 'Amazon did not give access.',
      error === 'access_denied'
        ? 'Access was not allowed. Start again and choose Allow.'
        : 'Check the application’s settings at Amazon.',
    );
  const code = query.get('code');
  return code === null || code === ''
    ? refuse('no_code', 'Amazon sent no code.', 'Start connecting again.')
    : { ok: true, code };
}
