import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOf } from '#tests/kit/query-failure.ts';
import { Secret } from '#system/secret.ts';
import { type SfmcWorld, clientOf, sfmcWorld } from './fixtures/world.ts';
import {
  authUrlOf,
  authorizeUrl,
  exchangeCode,
  makePkce,
  readTokenContext,
  readUserInfo,
  refreshTokens,
  revokeToken,
  takeClientToken,
} from './oauth.ts';

let world: SfmcWorld;
beforeAll(async () => (world = await sfmcWorld({ autoConsent: true })));
afterAll(() => world.stop());
beforeEach(() => (world.simulator.world.faults = []));

const redirectUri = 'http://127.0.0.1/callback';
/** Follows the authorize address as a browser would; the page answers at once. */
async function codeFor(kind: 'web' | 'public', challenge?: string) {
  const client = clientOf(world.simulator, kind);
  const url = authorizeUrl(client, { redirectUri, state: 's&1', ...(challenge !== undefined && { challenge }) });
  const answer = await fetch(url, { redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? '');
  expect(back.searchParams.get('state')).toBe('s&1');
  expect(back.searchParams.get('tssd')).toBe(world.simulator.tssd);
  return { client, code: back.searchParams.get('code') ?? '' };
}

test('a code becomes tokens, with their bases from the answer and their life', async () => {
  const { client, code } = await codeFor('web');
  const now = world.oauth.now();
  const tokens = await exchangeCode(client, { code, redirectUri }, world.oauth);
  const { origin } = world.simulator;
  expect(tokens).toMatchObject({
    restUrl: `${origin}/rest/`,
    soapUrl: `${origin}/soap/`,
    scopes: expect.arrayContaining(['offline', 'automations_execute']),
  });
  expect(tokens.expiresAtMs - now).toBeGreaterThanOrEqual(1_079_000);
  expect(tokens.refreshAtMs - now).toBeLessThan(1_079_000 * 0.8 + 5_000);
  expect(await failureOf(exchangeCode(client, { code, redirectUri }, world.oauth))).toMatchObject({
    kind: 'auth',
    code: 'invalid_grant',
    retryable: false,
  });
  // A second use of a code ends what the first gave.
  expect(await failureOf(readTokenContext(tokens.restUrl, tokens.accessToken, world.oauth))).toMatchObject({
    kind: 'auth',
  });
});

test('a public app proves itself by its verifier', async () => {
  const pkce = makePkce();
  const { client, code } = await codeFor('public', pkce.challenge);
  expect(client.clientSecret).toBeNull();
  await exchangeCode(client, { code, redirectUri, verifier: pkce.verifier }, world.oauth);
  const other = await codeFor('public', pkce.challenge);
  expect(
    await failureOf(
      exchangeCode(client, { code: other.code, redirectUri, verifier: makePkce().verifier }, world.oauth),
    ),
  ).toMatchObject({ code: 'invalid_grant' });
});

test('a refresh gives a new pair, and the used token is refused and ends the sign-in', async () => {
  const { client, code } = await codeFor('web');
  const first = await exchangeCode(client, { code, redirectUri }, world.oauth);
  const spent = first.refreshToken ?? new Secret('');
  const second = await refreshTokens(client, spent, world.oauth);
  expect(second.refreshToken?.reveal()).not.toBe(spent.reveal());
  expect(await failureOf(refreshTokens(client, spent, world.oauth))).toMatchObject({
    kind: 'auth',
    code: 'invalid_grant',
    retryable: false,
    hint: expect.stringContaining('Reconnect'),
  });
  expect(await failureOf(refreshTokens(client, second.refreshToken ?? spent, world.oauth))).toMatchObject({
    code: 'invalid_grant',
  });
});

test('a refresh whose answer is lost is not sent again blindly', async () => {
  const { client, code } = await codeFor('web');
  const first = await exchangeCode(client, { code, redirectUri }, world.oauth);
  world.faults({ kind: 'reset_after', at: '/v2/token' });
  expect(await failureOf(refreshTokens(client, first.refreshToken ?? new Secret(''), world.oauth))).toMatchObject({
    kind: 'network',
    mayHaveActed: true,
  });
});

test('a refresh that was surely not carried out is tried again', async () => {
  const { client, code } = await codeFor('web');
  const first = await exchangeCode(client, { code, redirectUri }, world.oauth);
  world.faults({ kind: 'rate_limited', at: '/v2/token', retryAfter: '0' });
  expect((await refreshTokens(client, first.refreshToken ?? new Secret(''), world.oauth)).refreshToken).not.toBeNull();
});

test('a token is for one business unit, another unit is another token', async () => {
  const client = clientOf(world.simulator);
  for (const accountId of [7_000_000, 7_000_001, 7_000_002]) {
    const tokens = await takeClientToken(client, { accountId }, world.oauth);
    expect(tokens.refreshToken).toBeNull();
    expect(await readTokenContext(tokens.restUrl, tokens.accessToken, world.oauth)).toEqual({
      enterpriseId: 7_000_000,
      mid: accountId,
      userId: 501,
    });
  }
  expect(await failureOf(takeClientToken(client, { accountId: 9 }, world.oauth))).toMatchObject({
    kind: 'auth',
    code: 'access_denied',
    status: 403,
  });
});

test('who signed in is told', async () => {
  const tokens = await takeClientToken(clientOf(world.simulator), { accountId: 7_000_002 }, world.oauth);
  expect(await readUserInfo(world.simulator.authUrl, tokens.accessToken, world.oauth)).toMatchObject({
    userId: '501',
    name: 'Ada Admin',
    mid: 7_000_002,
    enterpriseId: 7_000_000,
    enterpriseName: 'Northwind Group',
  });
});

test('each refusal has its code and says what to do', async () => {
  const client = clientOf(world.simulator);
  expect(
    await failureOf(takeClientToken({ ...client, clientSecret: new Secret('wrong') }, {}, world.oauth)),
  ).toMatchObject({
    kind: 'auth',
    code: 'invalid_client',
    status: 401,
    hint: expect.stringContaining('client secret'),
  });
  expect(await failureOf(takeClientToken(client, { scopes: ['email_send'] }, world.oauth))).toMatchObject({
    code: 'invalid_scope',
  });
  world.faults({ kind: 'token_refused', message: 'invalid_grant' });
  expect(await failureOf(takeClientToken(client, {}, world.oauth))).toMatchObject({ code: 'invalid_grant' });
  expect((await takeClientToken(client, { scopes: ['automations_read'] }, world.oauth)).scopes).toEqual([
    'automations_read',
  ]);
});

test('a revoked sign-in works no more', async () => {
  const { client, code } = await codeFor('web');
  const tokens = await exchangeCode(client, { code, redirectUri }, world.oauth);
  const refresh = tokens.refreshToken ?? new Secret('');
  expect(await revokeToken(client, refresh, world.oauth)).toBe(true);
  expect(await failureOf(refreshTokens(client, refresh, world.oauth))).toMatchObject({ code: 'invalid_grant' });
  expect(await revokeToken({ ...client, authUrl: `${world.simulator.origin}/nowhere/` }, refresh, world.oauth)).toBe(
    false,
  );
});

test('a tenant’s sign-in is at its subdomain, and only a subdomain is one', () => {
  expect(authUrlOf('mc0123456789abcdefghijklmnop')).toBe(
    'https://mc0123456789abcdefghijklmnop.auth.marketingcloudapis.com/',
  );
  for (const wrong of [
    'evil.example/',
    'mc',
    'mc0123456789abcdefghijklmno/',
    'MC0123456789abcdefghijklmnop',
    'mc0123456789abcdefghijklmnop.evil',
  ]) {
    expect(() => authUrlOf(wrong), wrong).toThrow('begins with mc');
  }
});
