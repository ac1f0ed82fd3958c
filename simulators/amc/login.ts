import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Answer, type Exchange, json, type Route, route } from './exchange.ts';
import type { Code } from './world.ts';

const scopes = new Set(['advertising::campaign_management', 'advertising::audiences', 'profile']);
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const page = (title: string, content: string, status = 200): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action *",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  },
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}
small{color:#555}</style></head><body><main><h1>${title}</h1>${content}<p><small>Simulated Login with Amazon. No account is asked for.</small></p></main></body></html>`,
});

interface Asked {
  readonly redirectUri: URL;
  readonly scope: string;
  readonly state: string | null;
  readonly challenge: Code['challenge'];
}

/** Reads what a consent page is asked for. What concerns the address to go back to is shown, all else is sent back. */
function readAsked({ world, query }: Exchange): Asked | Answer {
  const refuse = (what: string): Answer => page('We cannot continue', `<p>${escapeHtml(what)}</p>`, 400);
  if (query.get('client_id') !== world.scenario.clientId) return refuse('An unknown client was presented.');
  const written = query.get('redirect_uri') ?? '';
  const redirectUri = URL.canParse(written) ? new URL(written) : undefined;
  const { redirectUris } = world.scenario;
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(redirectUri?.hostname ?? '');
  if (!redirectUri || (redirectUris.length > 0 ? !redirectUris.includes(written) : !isLoopback))
    return refuse('The redirect URI you provided has not been whitelisted for your application.');
  const asked: Asked = {
    redirectUri,
    scope: query.get('scope') ?? '',
    state: query.get('state'),
    challenge: query.get('code_challenge')
      ? { value: query.get('code_challenge') ?? '', method: query.get('code_challenge_method') ?? 'plain' }
      : null,
  };
  if (query.get('response_type') !== 'code') return back(asked, { error: 'unsupported_response_type' });
  if (asked.scope.split(' ').some((scope) => !scopes.has(scope)))
    return back(asked, { error: 'invalid_scope', error_description: 'An unknown scope was requested' });
  if (asked.challenge && !['S256', 'plain'].includes(asked.challenge.method))
    return back(asked, { error: 'invalid_request' });
  return asked;
}

function back({ redirectUri, state }: Asked, values: Record<string, string>): Answer {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  if (state !== null) url.searchParams.set('state', state);
  return { status: 302, headers: { location: url.href, 'referrer-policy': 'no-referrer' } };
}

function approve({ world }: Exchange, asked: Asked): Answer {
  const code = randomBytes(10).toString('hex');
  world.codes.set(code, {
    redirectUri: asked.redirectUri.href,
    scope: asked.scope,
    challenge: asked.challenge,
    untilMs: world.now() + world.knobs.codeLifeMs,
    isUsed: false,
  });
  return back(asked, { code, scope: asked.scope });
}

const showConsent = (exchange: Exchange): Answer => {
  const asked = readAsked(exchange);
  if ('status' in asked) return asked;
  if (exchange.world.knobs.autoApproves) return approve(exchange, asked);
  const list = asked.scope.split(' ').map((scope) => `<li>${escapeHtml(scope)}</li>`);
  // The form comes back to the very address with all that was asked, and the choice in its body.
  return page(
    'Allow access to your advertising account?',
    `<p>The application <b>${escapeHtml(exchange.world.scenario.clientId)}</b> asks for:</p><ul>${list.join('')}</ul>
<form method="post" action="?${escapeHtml(exchange.query.toString())}">
<button name="choice" value="allow" id="allow">Allow</button><button name="choice" value="deny" id="deny">Cancel</button></form>`,
  );
};
const takeChoice = (exchange: Exchange): Answer => {
  const asked = readAsked(exchange);
  if ('status' in asked) return asked;
  const choice = new URLSearchParams(exchange.body.toString('utf8')).get('choice');
  if (choice === 'allow') return approve(exchange, asked);
  return back(asked, { error: 'access_denied', error_description: 'Access not permitted.' });
};

const same = (a: string, b: string): boolean => {
  const [left, right] = [createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest()];
  return timingSafeEqual(left, right);
};

function giveToken({ world, headers, body }: Exchange): Answer {
  const fail = (status: number, error: string, error_description: string): Answer =>
    json({ error, error_description }, status);
  if (!/^application\/x-www-form-urlencoded/i.test(headers['content-type'] ?? ''))
    return fail(400, 'invalid_request', 'The Content-Type is invalid.');
  const form = new URLSearchParams(body.toString('utf8'));
  const field = (name: string): string => form.get(name) ?? '';
  const { clientId, clientSecret } = world.scenario;
  if (!same(field('client_id'), clientId) || !same(field('client_secret'), clientSecret))
    return fail(401, 'invalid_client', 'Client authentication failed');
  const give = (grant: (typeof world.grants)[number]): Answer =>
    json(
      {
        access_token: world.issue(grant),
        token_type: 'bearer',
        expires_in: world.knobs.tokenSeconds,
        refresh_token: grant.refreshToken,
      },
      200,
      { 'cache-control': 'no-store' },
    );
  if (field('grant_type') === 'refresh_token') {
    const grant = world.grants.find(({ refreshToken }) => same(refreshToken, field('refresh_token')));
    if (!grant || grant.isRevoked)
      return fail(400, 'invalid_grant', 'The request has an invalid grant parameter : refresh_token');
    return give(grant);
  }
  if (field('grant_type') !== 'authorization_code')
    return fail(
      400,
      'unsupported_grant_type',
      'The authorization grant type is not supported by the authorization server',
    );
  const code = world.codes.get(field('code'));
  const verifier = field('code_verifier');
  const proof =
    code?.challenge?.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
  const isGood =
    code &&
    !code.isUsed &&
    code.untilMs > world.now() &&
    URL.canParse(field('redirect_uri')) &&
    new URL(field('redirect_uri')).href === code.redirectUri &&
    (!code.challenge || code.challenge.value === proof);
  if (!isGood) return fail(400, 'invalid_grant', 'The request has an invalid parameter : code');
  code.isUsed = true;
  return give(world.grant(code.scope));
}

/** Login with Amazon (AMC §1), the same in each region: a grant of one works in all. */
export const loginRoutes: readonly Route[] = [
  route('GET', '/ap/oa', showConsent),
  route('POST', '/ap/oa', takeChoice),
  route('POST', '/auth/o2/token', giveToken),
];
