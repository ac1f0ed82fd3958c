import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, quick, wire } from './fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from './sfmc-simulator.ts';

let simulator: SfmcSimulator;
let on: ReturnType<typeof wire>;
beforeAll(async () => {
  simulator = await startSfmcSimulator({ scenario: { knobs: quick } });
  on = wire(simulator);
});
afterAll(() => simulator.stop());

const redirectUri = 'http://127.0.0.1/callback';
const form = (fields: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
  redirect: 'manual' as const,
});
/** The hidden fields of a page's form. */
const hiddenOf = (page: string) =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code))),
    ]),
  );

async function signIn(
  who: { username: string; password: string },
  decision: 'allow' | 'deny',
  more: Record<string, string> = {},
) {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: simulator.packages.web.clientId,
    redirect_uri: redirectUri,
    state: 's<1>',
    ...more,
  });
  const action = `${simulator.origin}/auth/v2/authorize`;
  const login = await (await fetch(`${action}?${query}`)).text();
  expect(login).toContain('<form method="post"');
  const consent = await (await fetch(action, form({ ...hiddenOf(login), ...who, step: 'sign_in' }))).text();
  const answer = await fetch(action, form({ ...hiddenOf(consent), step: decision }));
  return { consent, back: new URL(answer.headers.get('location') ?? 'http://none/') };
}
const exchange = async (fields: Record<string, string>) => {
  const { clientId, clientSecret = '' } = simulator.packages.web;
  const answer = await fetch(
    `${simulator.origin}/auth/v2/token`,
    form({ client_id: clientId, client_secret: clientSecret, ...fields }),
  );
  return { status: answer.status, body: (await answer.json()) as Json };
};
const [ada, rita] = [0, 1];
const user = (index: number) => simulator.users[index] ?? { username: '', password: '' };

test('a person signs in, consents and comes back with a code, the state and the tenant', async () => {
  const { consent, back } = await signIn(user(ada), 'allow');
  expect(consent).toContain('data_extensions_read');
  expect(Object.fromEntries(back.searchParams)).toEqual({
    code: expect.any(String),
    state: 's<1>',
    tssd: simulator.tssd,
  });
  const { status, body } = await exchange({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    expires_in: 1_079,
    rest_instance_url: `${simulator.origin}/rest/`,
    soap_instance_url: `${simulator.origin}/soap/`,
    refresh_token: expect.any(String),
  });
});

test('a wrong password, a denial and a strange redirect address get nowhere', async () => {
  const wrong = await signIn({ username: 'ada', password: 'no' }, 'allow');
  expect(wrong.consent).toContain('role="alert"');
  const denied = await signIn(user(ada), 'deny');
  expect(denied.back.searchParams.get('error')).toBe('access_denied');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: simulator.packages.web.clientId,
    redirect_uri: 'http://evil.example/',
  });
  const answer = await fetch(`${simulator.origin}/auth/v2/authorize?${query}`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
});

test('a scope the package lacks comes back as an error', async () => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: simulator.packages.web.clientId,
    redirect_uri: redirectUri,
    scope: 'email_send',
  });
  const answer = await fetch(`${simulator.origin}/auth/v2/authorize?${query}`, { redirect: 'manual' });
  expect(answer.headers.get('location')).toContain('error=invalid_scope');
});

test('a code works once, and for a minute', async () => {
  const use = (back: URL) =>
    exchange({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
    });
  const { back } = await signIn(user(ada), 'allow');
  expect((await use(back)).status).toBe(200);
  expect(await use(back)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  const late = await signIn(user(ada), 'allow');
  await on.admin('clock', { advanceMs: 61_000 });
  expect(await use(late.back)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('refresh tokens rotate; the second use of one ends them all', async () => {
  const { back } = await signIn(user(ada), 'allow');
  const first = await exchange({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  });
  const refresh = (token: unknown) => exchange({ grant_type: 'refresh_token', refresh_token: String(token) });
  const second = await refresh(first.body['refresh_token']);
  expect(second.body['refresh_token']).not.toBe(first.body['refresh_token']);
  expect(await refresh(first.body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await refresh(second.body['refresh_token'])).toMatchObject({ status: 400 });
  expect((await on.rest('GET', '/platform/v1/tokenContext', String(second.body['access_token']))).status).toBe(401);
});

test('without offline there is no refresh token', async () => {
  const { back } = await signIn(user(ada), 'allow', { scope: 'data_extensions_read' });
  const { body } = await exchange({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  });
  expect(body).toMatchObject({ scope: 'data_extensions_read' });
  expect(body).not.toHaveProperty('refresh_token');
});

test('a user enters only the units that are theirs', async () => {
  const { back } = await signIn(user(rita), 'allow');
  const fields = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
  };
  expect(await exchange({ ...fields, account_id: '7000002' })).toMatchObject({
    status: 403,
    body: { error: 'access_denied' },
  });
});

test('a public app needs a challenge and the verifier to it', async () => {
  const verifier = 'v'.repeat(43);
  const query = { response_type: 'code', client_id: simulator.packages.public.clientId, redirect_uri: redirectUri };
  const bare = await fetch(`${simulator.origin}/auth/v2/authorize?${new URLSearchParams(query)}`, {
    redirect: 'manual',
  });
  expect(bare.headers.get('location')).toContain('error=invalid_request');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const { back } = await signIn(user(ada), 'allow', {
    client_id: query.client_id,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const code = back.searchParams.get('code') ?? '';
  const answer = await on.post('/auth/v2/token', {
    grant_type: 'authorization_code',
    client_id: query.client_id,
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  expect(answer.status).toBe(200);
});

test('a wrong secret is 401, an unknown grant 400; a token ends when it says', async () => {
  const { clientId } = simulator.packages.server;
  const wrong = await on.post('/auth/v2/token', {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: 'x',
  });
  expect([wrong.status, await wrong.json()]).toMatchObject([
    401,
    { error: 'invalid_client', error_uri: expect.any(String) },
  ]);
  expect(await exchange({ grant_type: 'password' })).toMatchObject({
    status: 400,
    body: { error: 'unsupported_grant_type' },
  });
  const token = await on.token();
  expect((await on.rest('GET', '/platform/v1/tokenContext', token)).status).toBe(200);
  await on.admin('clock', { advanceMs: 1_080_000 });
  expect(await on.rest('GET', '/platform/v1/tokenContext', token)).toMatchObject({
    status: 401,
    body: { errorcode: 0, message: 'Not Authorized' },
  });
});

test('who a token is for is told in both forms', async () => {
  const token = await on.token({ account_id: 7_000_002 });
  expect((await on.rest('GET', '/platform/v1/tokenContext', token)).body).toEqual({
    enterprise: { id: 7_000_000 },
    organization: { id: 7_000_002 },
    user: { id: 501 },
  });
  const answer = await fetch(`${simulator.origin}/auth/v2/userinfo`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({
    user: { name: 'Ada Admin' },
    organization: { member_id: 7_000_002, enterprise_id: 7_000_000 },
  });
});
