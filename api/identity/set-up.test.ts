import { afterEach, expect, test } from 'vitest';
import { inSystem } from '#db/kit/in-tenant.ts';
import { purgeSignIn } from '#db/system/sessions.ts';
import { makeSetupToken } from '#db/system/set-up.ts';
import { type IdentityApi, cookieOf, identityApi, owner, setUpOwner } from '#tests/kit/identity-api.ts';
import { identityRoom } from './identity.ts';

let api: IdentityApi;
afterEach(() => api?.close());

test('403: where others can reach us, the first owner needs the printed link’s token', async () => {
  api = await identityApi({ identity: identityRoom }, { environment: { HOST: '0.0.0.0' } });
  const token = await makeSetupToken(api.system);
  expect((await api.get('/setup')).json()).toEqual({ isNeeded: true, isTokenNeeded: true, isDemo: false });
  for (const wrong of [undefined, 'guessed']) {
    const refused = await api.post('/setup', {}, { ...owner, token: wrong });
    expect([refused.statusCode, refused.json().error]).toEqual([403, 'identity.setup_token_wrong']);
  }
  expect((await api.post('/setup', {}, { ...owner, token })).statusCode).toBe(201);
  expect((await api.get('/setup', {}, { host: 'any.example' })).statusCode).toBe(200); // no loopback: any name may lead here
});

test('422: a password that is guessed first is refused, and nothing is made', async () => {
  api = await identityApi({ identity: identityRoom });
  for (const password of ['password123', 'aaaaaaaaaaaa', owner.email]) {
    const refused = await api.post('/setup', {}, { ...owner, password });
    expect([refused.statusCode, refused.json().error]).toEqual([422, 'identity.password_weak']);
  }
  expect((await api.get('/setup')).json().isNeeded).toBe(true);
});

test('a caller without Origin gets cookie and tokens of one session; `client: api` gets no cookie', async () => {
  api = await identityApi({ identity: identityRoom });
  await setUpOwner(api);
  const both = await api.post('/auth/login', {}, { email: owner.email, password: owner.password });
  const sessionBy = async (by: object) => (await api.get('/me', by)).json().session.id;
  expect(await sessionBy({ cookie: cookieOf(both) })).toBe(await sessionBy({ token: both.json().accessToken }));
  const machine = await api.post('/auth/login', {}, { email: owner.email, password: owner.password, client: 'api' });
  expect(machine.headers['set-cookie']).toBeUndefined();
});

test('the sweep removes sessions a month after their end and leaves those that live', async () => {
  api = await identityApi({ identity: identityRoom });
  const { token } = await setUpOwner(api);
  const { refreshToken } = (
    await api.post('/auth/login', {}, { email: owner.email, password: owner.password, client: 'api' })
  ).json();
  await api.post('/auth/logout', {}, { refreshToken });
  const sweep = (days: number) =>
    inSystem(api.system, (tx) => purgeSignIn(tx, new Date(api.clock.now() + days * 86_400_000)));
  const count = async () => (await api.system.selectFrom('sessions').select('id').execute()).length;
  await sweep(29);
  expect(await count()).toBe(2);
  await sweep(31);
  expect(await count()).toBe(1);
  expect((await api.get('/me', { token })).statusCode).toBe(200);
});
