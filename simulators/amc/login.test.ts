import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { startAmcSimulator } from './amc-simulator.ts';
import { quickScenario } from './plain-client.ts';

const simulator = await startAmcSimulator(quickScenario);
afterAll(() => simulator.stop());
const redirect = 'http://127.0.0.1:9/back';
const asked = (more: Record<string, string> = {}) =>
  new URLSearchParams({
    client_id: simulator.clientId,
    scope: 'advertising::campaign_management',
    response_type: 'code',
    redirect_uri: redirect,
    state: 'a&b="c"',
    ...more,
  }).toString();
const press = (query: string, choice: string) =>
  fetch(`${simulator.regions.eu.consent}?${query}`, {
    method: 'POST',
    body: new URLSearchParams({ choice }),
    redirect: 'manual',
  });
const codeOf = async (more: Record<string, string> = {}): Promise<string> => {
  const answer = await press(asked(more), 'allow');
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
};
const exchange = async (fields: Record<string, string>, region: 'na' | 'eu' | 'fe' = 'na') => {
  const body = new URLSearchParams({
    client_id: simulator.clientId,
    client_secret: simulator.clientSecret,
    redirect_uri: redirect,
    grant_type: 'authorization_code',
    ...fields,
  });
  const answer = await fetch(simulator.regions[region].token, { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

test('the consent page is a form that names the application and escapes what it was given', async () => {
  const page = await (await fetch(`${simulator.regions.eu.consent}?${asked()}`)).text();
  expect(page).toContain('<form method="post"');
  expect(page).toContain(simulator.clientId);
  expect(page).not.toContain('b="c"');
});

test('allowing sends back code, scope and the very state; refusing sends back access_denied', async () => {
  const allowed = new URL((await press(asked(), 'allow')).headers.get('location') ?? '').searchParams;
  expect(Object.fromEntries(allowed)).toEqual({
    code: expect.stringMatching(/^\w+$/),
    scope: 'advertising::campaign_management',
    state: 'a&b="c"',
  });
  const denied = new URL((await press(asked(), 'deny')).headers.get('location') ?? '').searchParams;
  expect([denied.get('error'), denied.get('code'), denied.get('state')]).toEqual(['access_denied', null, 'a&b="c"']);
});

test('a code is exchanged once, in any region, for a token of an hour; a second time it is invalid_grant', async () => {
  const code = await codeOf();
  const first = await exchange({ code }, 'fe');
  expect(first).toMatchObject({
    status: 200,
    body: {
      token_type: 'bearer',
      expires_in: 3_600,
      access_token: expect.stringMatching(/^Atza\|/),
      refresh_token: expect.stringMatching(/^Atzr\|/),
    },
  });
  expect(await exchange({ code })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant', error_description: 'The request has an invalid parameter : code' },
  });
});

test('a code is dead after five minutes, and for another address to go back to', async () => {
  expect(await exchange({ code: await codeOf(), redirect_uri: `${redirect}/other` })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
  const code = await codeOf();
  simulator.world.skip(300_001);
  expect(await exchange({ code })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('with PKCE the code needs its verifier, hashed or plain as was said', async () => {
  const verifier = 'v'.repeat(43);
  const s256 = {
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  expect((await exchange({ code: await codeOf(s256) })).status).toBe(400);
  expect((await exchange({ code: await codeOf(s256), code_verifier: `${verifier}x` })).status).toBe(400);
  expect((await exchange({ code: await codeOf(s256), code_verifier: verifier })).status).toBe(200);
  expect(
    (
      await exchange({
        code: await codeOf({ code_challenge: verifier, code_challenge_method: 'plain' }),
        code_verifier: verifier,
      })
    ).status,
  ).toBe(200);
});

test('a refresh repeats the same refresh token; a wrong secret is invalid_client with 401, a revoked grant invalid_grant', async () => {
  const refresh = { grant_type: 'refresh_token', refresh_token: simulator.refreshToken };
  expect(await exchange(refresh)).toMatchObject({ status: 200, body: { refresh_token: simulator.refreshToken } });
  expect(await exchange({ ...refresh, client_secret: 'wrong' })).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
  expect(await exchange({ ...refresh, grant_type: 'password' })).toMatchObject({
    status: 400,
    body: { error: 'unsupported_grant_type' },
  });
  await fetch(`${simulator.origin}/simulator/revoke`, { method: 'POST' });
  expect(await exchange(refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('an unknown client or a foreign address is told on a page, never by a redirect; an unknown scope by the redirect', async () => {
  const wrongs: Record<string, string>[] = [{ client_id: 'other' }, { redirect_uri: 'https://evil.example/' }];
  for (const wrong of wrongs) {
    const answer = await fetch(`${simulator.regions.na.consent}?${asked(wrong)}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  }
  const answer = await fetch(`${simulator.regions.na.consent}?${asked({ scope: 'advertising::amc' })}`, {
    redirect: 'manual',
  });
  expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_scope');
});

test('where it is switched on, the page approves by itself', async () => {
  await fetch(`${simulator.origin}/simulator/knobs`, { method: 'PATCH', body: '{"autoApproves":true}' });
  const answer = await fetch(`${simulator.regions.na.consent}?${asked()}`, { redirect: 'manual' });
  expect(new URL(answer.headers.get('location') ?? '').searchParams.get('code')).toMatch(/^\w+$/);
});
