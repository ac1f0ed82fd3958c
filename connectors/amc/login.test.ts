import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '#system/secret.ts';
import { type AmcWorld, startAmcWorld } from '#tests/kit/amc-world.ts';
import { failureOf } from '#tests/kit/query-failure.ts';
import { listAccounts } from './accounts.ts';
import { amcEndpoints } from './endpoints.ts';
import { consentUrl, exchangeCode, readRedirect, refreshAfterMs, refreshTokens } from './login.ts';
import { MemoryTokens } from './tokens.ts';

let world: AmcWorld;
beforeAll(async () => {
  world = await startAmcWorld();
});
afterAll(() => world.stop());
const verifier = 'v'.repeat(64);
const redirectUri = 'http://127.0.0.1:9/back';
const consent = async (choice: string, region: 'na' | 'eu' | 'fe' = 'na') => {
  const endpoints = world.simulator.regions[region];
  const url = consentUrl({ ...world.login, endpoints }, { redirectUri, state: 's1', verifier });
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ choice }), redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams;
};

test.each(['na', 'eu', 'fe'] as const)(
  'consent in %s goes through the page with state and PKCE, and the code becomes tokens',
  async (region) => {
    const back = readRedirect(await consent('allow', region), 's1');
    if (!back.ok) throw back.failure;
    const tokens = await exchangeCode(
      { ...world.login, endpoints: world.simulator.regions[region] },
      { code: back.code, redirectUri, verifier },
    );
    expect(tokens.accessToken.reveal()).toMatch(/^Atza\|/);
    expect(tokens.expiresInMs).toBe(3_600_000);
    expect(JSON.stringify(tokens)).not.toContain('Atza|');
    expect(await failureOf(exchangeCode(world.login, { code: back.code, redirectUri, verifier }))).toMatchObject({
      kind: 'auth',
      code: 'invalid_grant',
      retryable: false,
    });
  },
);

test('the consent address of each region is the documented one and asks for the one scope', () => {
  for (const [region, host] of [
    ['na', 'www.amazon.com'],
    ['eu', 'eu.account.amazon.com'],
    ['fe', 'apac.account.amazon.com'],
  ] as const) {
    const url = new URL(
      consentUrl({ clientId: 'c', endpoints: amcEndpoints[region] }, { redirectUri, state: 's', verifier }),
    );
    expect([url.host, url.pathname]).toEqual([host, '/ap/oa']);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'c',
      scope: 'advertising::campaign_management',
      response_type: 'code',
      redirect_uri: redirectUri,
      state: 's',
      code_challenge_method: 'S256',
    });
    expect(url.href).not.toContain(verifier);
  }
});

test('a redirect that belongs to another sign-in, was denied or has no code is told as such', async () => {
  expect(readRedirect(await consent('deny'), 's1')).toMatchObject({
    ok: false,
    failure: { facts: { code: 'access_denied' } },
  });
  expect(readRedirect(await consent('allow'), 'other')).toMatchObject({
    ok: false,
    failure: { facts: { code: 'state_mismatch' } },
  });
  expect(readRedirect(new URLSearchParams('state=s1'), 's1')).toMatchObject({
    ok: false,
    failure: { facts: { code: 'no_code' } },
  });
});

test('login failures are typed: wrong secret and revoked grant need a person, throttling and outages do not', async () => {
  const refresh = (login = world.login) => failureOf(refreshTokens(login, new Secret(world.simulator.refreshToken)));
  expect(await refresh({ ...world.login, clientSecret: new Secret('wrong') })).toMatchObject({
    kind: 'auth',
    code: 'invalid_client',
    retryable: false,
  });
  world.fault({ match: 'POST /auth', status: 429, retryAfterSeconds: 3 });
  expect(await refresh()).toMatchObject({ kind: 'quota', retryable: true, retryAfterMs: 3_000 });
  world.fault({ match: 'POST /auth', status: 503 });
  expect(await refresh()).toMatchObject({ kind: 'provider', retryable: true, mayHaveActed: false });
  world.fault({ match: 'POST /auth', kind: 'lost' });
  expect(await refresh()).toMatchObject({ kind: 'network', retryable: true });
  world.fault({ match: 'POST /auth', kind: 'garbage' });
  expect(await refresh()).toMatchObject({ kind: 'provider', code: 'unreadable_answer' });
  world.fault({ match: 'POST /auth', kind: 'huge' });
  expect(await refresh()).toMatchObject({ kind: 'provider', code: 'unreadable_answer' });
});

test('a token serves all regions, and however many calls find it dead, it is refreshed once', async () => {
  const refreshes = () => world.simulator.world.requests.filter(({ path }) => path.endsWith('/auth/o2/token')).length;
  await listAccounts(world.client);
  const before = refreshes();
  world.simulator.world.accessTokens.clear();
  await Promise.all(
    [world.clients.na, world.clients.eu, world.clients.fe, world.clients.na].map((client) => listAccounts(client)),
  );
  expect(refreshes()).toBe(before + 1);
});

test('a token is renewed at four fifths of its life, before anybody is refused', async () => {
  expect(refreshAfterMs(3_600_000)).toBe(2_880_000);
  let nowMs = 0;
  const tokens = new MemoryTokens(world.login, new Secret(world.simulator.refreshToken), () => nowMs);
  const first = await tokens.current();
  nowMs = 2_879_999;
  expect(await tokens.current()).toBe(first);
  nowMs = 2_880_000;
  expect(await tokens.current()).not.toBe(first);
});

test('a grant that was taken back is told once as such, not as a call without rights', async () => {
  const own = await startAmcWorld();
  try {
    for (const grant of own.simulator.world.grants) grant.isRevoked = true;
    expect(await failureOf(listAccounts(own.client))).toMatchObject({
      kind: 'auth',
      code: 'invalid_grant',
      hint: 'Connect the account again.',
    });
  } finally {
    await own.stop();
  }
});
