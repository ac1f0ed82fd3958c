import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Reply, escapeText, html, json, redirect } from './http.ts';
import { bearerOf, findAccess, issue, revokeFamily, userInfo } from './tokens.ts';
import { takeFault } from './faults.ts';
import { type Package, type User, type World, enterpriseOf, newSecret } from './world.ts';

const refused = (error: string, description: string, status = 400): Reply =>
  json({ error, error_description: description, error_uri: 'https://developer.salesforce.com/docs' }, status);

/** Sign-in, consent, tokens: all below `/auth`. */
export function oauthReply(world: World, request: IncomingMessage, url: URL, body: string, origin: string): Reply {
  const route = `${request.method} ${url.pathname.replace(/\/$/, '')}`;
  switch (route) {
    case 'GET /auth/v2/authorize':
      return authorize(world, url.searchParams);
    case 'POST /auth/v2/authorize':
      return decide(world, new URLSearchParams(body));
    case 'POST /auth/v2/token':
      return token(world, readFields(request, body), origin);
    case 'POST /auth/v2/revoke':
      return revoke(world, readFields(request, body));
    case 'GET /auth/v2/userinfo': {
      const access = findAccess(world, bearerOf(request));
      return access
        ? json(userInfo(world, access, origin))
        : refused('invalid_token', 'The access token is invalid or has expired.', 401);
    }
    default:
      return refused('not_found', 'There is no such address.', 404);
  }
}

function readFields(request: IncomingMessage, body: string): Record<string, string> {
  if (!(request.headers['content-type'] ?? '').includes('json')) return Object.fromEntries(new URLSearchParams(body));
  const given: unknown = JSON.parse(body);
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
}

interface Asked {
  pack: Package;
  redirectUri: string;
  state: string | null;
  scopes: string[];
  challenge: string | null;
}

/** Reads the authorize request; a client that cannot be trusted with a redirect gets a page. */
function readAsked(world: World, query: URLSearchParams): Asked | Reply {
  const pack = world.packages.find(({ clientId }) => clientId === query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!pack || pack.kind === 'server') return html('<h1>The application is not known</h1><p>invalid_client</p>', 400);
  if (!pack.redirectUris.includes(redirectUri))
    return html('<h1>The redirect address is not registered</h1><p>redirect_uri</p>', 400);
  const state = query.get('state');
  const back = (error: string, description: string) =>
    redirect(withQuery(redirectUri, { error, error_description: description, ...(state !== null && { state }) }));
  if (query.get('response_type') !== 'code')
    return back('unsupported_response_type', 'Only response_type=code is supported.');
  const wanted = query.get('scope');
  const scopes = wanted === null ? pack.scopes : wanted.split(' ').filter(Boolean);
  const unknown = scopes.find((scope) => !pack.scopes.includes(scope));
  if (unknown !== undefined) return back('invalid_scope', `The scope ${unknown} is not granted to the application.`);
  const challenge = query.get('code_challenge');
  if (challenge !== null && query.get('code_challenge_method') !== 'S256')
    return back('invalid_request', 'Only S256 is supported.');
  if (challenge === null && pack.kind === 'public') return back('invalid_request', 'A code_challenge is required.');
  return { pack, redirectUri, state, scopes, challenge };
}

const withQuery = (address: string, values: Record<string, string>): string => {
  const url = new URL(address);
  for (const [key, value] of Object.entries(values)) url.searchParams.set(key, value);
  return url.href;
};

function authorize(world: World, query: URLSearchParams): Reply {
  const asked = readAsked(world, query);
  if ('status' in asked) return asked;
  const [admin] = world.users;
  if (world.knobs.autoConsent && admin) return grantCode(world, asked, admin);
  return signInPage(query, '');
}

const hidden = (query: URLSearchParams): string =>
  ['response_type', 'client_id', 'redirect_uri', 'state', 'scope', 'code_challenge', 'code_challenge_method']
    .filter((name) => query.has(name))
    .map((name) => `<input type="hidden" name="${name}" value="${escapeText(query.get(name) ?? '')}">`)
    .join('');

const signInPage = (query: URLSearchParams, problem: string): Reply =>
  html(
    `<h1>Sign in</h1>${problem === '' ? '' : `<p role="alert">${problem}</p>`}<form method="post" action="/auth/v2/authorize">${hidden(query)}
<label>User name <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button name="step" value="sign_in">Sign in</button></form>`,
    problem === '' ? 200 : 401,
  );

/** The sign-in and consent forms come back here. */
function decide(world: World, fields: URLSearchParams): Reply {
  const asked = readAsked(world, fields);
  if ('status' in asked) return asked;
  const step = fields.get('step');
  if (step === 'sign_in') {
    const user = world.users.find(
      ({ username, password }) => username === fields.get('username') && password === fields.get('password'),
    );
    if (!user) return signInPage(fields, 'User name or password is wrong.');
    const ticket = newSecret();
    tickets(world).set(ticket, user);
    return consentPage(fields, asked, user, ticket);
  }
  const ticket = fields.get('ticket') ?? '';
  const user = tickets(world).get(ticket);
  tickets(world).delete(ticket);
  if (!user) return signInPage(fields, 'Sign in again.');
  if (step === 'allow') return grantCode(world, asked, user);
  const { redirectUri, state } = asked;
  const error = { error: 'access_denied', error_description: 'The user denied the request.' };
  return redirect(withQuery(redirectUri, { ...error, ...(state !== null && { state }) }));
}

const signedIn = new WeakMap<World, Map<string, User>>();
function tickets(world: World): Map<string, User> {
  const known = signedIn.get(world) ?? new Map<string, User>();
  signedIn.set(world, known);
  return known;
}

const consentPage = (query: URLSearchParams, { pack, scopes }: Asked, user: User, ticket: string): Reply =>
  html(
    `<h1>Allow access?</h1><p>${escapeText(user.name)}, the application <strong>${escapeText(pack.name)}</strong> asks for:</p>
<ul>${scopes.map((scope) => `<li>${escapeText(scope)}</li>`).join('')}</ul><form method="post" action="/auth/v2/authorize">${hidden(query)}
<input type="hidden" name="ticket" value="${ticket}"><button name="step" value="allow">Allow</button><button name="step" value="deny">Deny</button></form>`,
  );

function grantCode(world: World, { pack, redirectUri, state, scopes, challenge }: Asked, user: User): Reply {
  const code = newSecret();
  world.codes.set(code, {
    code,
    packageId: pack.id,
    redirectUri,
    userId: user.id,
    scopes,
    challenge,
    expiresAt: world.now() + world.knobs.codeLifeMs,
    isUsed: false,
    family: newSecret(),
  });
  return redirect(withQuery(redirectUri, { code, ...(state !== null && { state }), tssd: world.tssd }));
}

function token(world: World, fields: Record<string, string>, origin: string): Reply {
  const fault = takeFault(world, ['token_refused'], `Token ${fields['grant_type'] ?? ''}`);
  if (fault)
    return refused(
      fault.message ?? 'invalid_grant',
      'The grant was refused.',
      fault.message === 'invalid_client' ? 401 : 400,
    );
  const pack = world.packages.find(({ clientId }) => clientId === fields['client_id']);
  if (!pack || (pack.kind !== 'public' && pack.clientSecret !== fields['client_secret'])) {
    return refused(
      'invalid_client',
      'Invalid client ID. Use the client ID in Marketing Cloud Installed Packages.',
      401,
    );
  }
  switch (fields['grant_type']) {
    case 'client_credentials':
      return ofClient(world, pack, fields, origin);
    case 'authorization_code':
      return ofCode(world, pack, fields, origin);
    case 'refresh_token':
      return ofRefresh(world, pack, fields, origin);
    default:
      return refused('unsupported_grant_type', 'The grant type is not supported.');
  }
}

/** The scopes of a token; undefined where one is asked for that is not there. */
function narrowed(asked: string | undefined, granted: readonly string[]): string[] | undefined {
  if (asked === undefined) return [...granted];
  const scopes = asked.split(' ').filter(Boolean);
  return scopes.every((scope) => granted.includes(scope)) ? scopes : undefined;
}
const noScope = (): Reply => refused('invalid_scope', 'The requested scope is invalid, unknown, or malformed.');

/** The unit a token is for; undefined where the user may not enter it. */
function unitOf(world: World, user: User, accountId: string | undefined): number | undefined {
  if (accountId === undefined) return user.units[0] ?? enterpriseOf(world);
  const mid = Number(accountId);
  return world.units.some((unit) => unit.mid === mid) && user.units.includes(mid) ? mid : undefined;
}
const noUnit = (): Reply => refused('access_denied', 'The user does not have access to the requested account.', 403);

function ofClient(world: World, pack: Package, fields: Record<string, string>, origin: string): Reply {
  if (pack.kind !== 'server')
    return refused('unsupported_grant_type', 'The client is not authorized to use this grant type.');
  const [user] = world.users;
  const scopes = narrowed(
    fields['scope'],
    pack.scopes.filter((scope) => scope !== 'offline'),
  );
  if (!scopes || !user) return noScope();
  const mid = unitOf(world, user, fields['account_id']);
  if (mid === undefined) return noUnit();
  return json(issue(world, { pack, userId: user.id, mid, scopes, family: newSecret(), withRefresh: false }, origin));
}

function ofCode(world: World, pack: Package, fields: Record<string, string>, origin: string): Reply {
  if (!fields['code'] || !fields['redirect_uri'])
    return refused('invalid_request', 'code and redirect_uri are required.');
  const code = world.codes.get(fields['code']);
  if (code?.isUsed) revokeFamily(world, code.family);
  const isFine =
    code &&
    !code.isUsed &&
    code.expiresAt > world.now() &&
    code.packageId === pack.id &&
    code.redirectUri === fields['redirect_uri'];
  if (!isFine) return refused('invalid_grant', 'The authorization code is invalid, expired or was used.');
  code.isUsed = true;
  const verifier = fields['code_verifier'] ?? '';
  if (code.challenge !== null && createHash('sha256').update(verifier).digest('base64url') !== code.challenge) {
    return refused('invalid_grant', 'The code_verifier does not match the code_challenge.');
  }
  const user = world.users.find(({ id }) => id === code.userId);
  const scopes = narrowed(fields['scope'], code.scopes);
  if (!scopes || !user) return noScope();
  const mid = unitOf(world, user, fields['account_id']);
  if (mid === undefined) return noUnit();
  const withRefresh = scopes.includes('offline');
  return json(issue(world, { pack, userId: user.id, mid, scopes, family: code.family, withRefresh }, origin));
}

/** Each use makes a successor; a second use ends all that came from the sign-in. */
function ofRefresh(world: World, pack: Package, fields: Record<string, string>, origin: string): Reply {
  const refresh = world.refresh.get(fields['refresh_token'] ?? '');
  if (!refresh || refresh.packageId !== pack.id || world.revokedFamilies.has(refresh.family)) {
    return refused('invalid_grant', 'The refresh token is invalid, expired or revoked.');
  }
  if (refresh.usedAt !== null) {
    if (refresh.successor && world.now() - refresh.usedAt < world.knobs.refreshGraceMs) return json(refresh.successor);
    revokeFamily(world, refresh.family);
    return refused('invalid_grant', 'The refresh token was used before.');
  }
  const scopes = narrowed(fields['scope'], refresh.scopes);
  if (!scopes) return noScope();
  const answer = issue(
    world,
    { pack, userId: refresh.userId, mid: refresh.mid, scopes, family: refresh.family, withRefresh: true },
    origin,
  );
  refresh.usedAt = world.now();
  refresh.successor = answer;
  return json(answer);
}

function revoke(world: World, fields: Record<string, string>): Reply {
  const pack = world.packages.find(({ clientId }) => clientId === fields['client_id']);
  if (!pack || (pack.kind !== 'public' && pack.clientSecret !== fields['client_secret']))
    return refused('invalid_client', 'Invalid client.', 401);
  const given = fields['token'] ?? '';
  const family = world.refresh.get(given)?.family ?? world.access.get(given)?.family;
  if (family !== undefined) revokeFamily(world, family);
  return json({});
}
