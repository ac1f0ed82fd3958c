import { afterEach, expect, test } from 'vitest';
import { demoPeople } from '#contracts/identity/demo.ts';
import { makeSetupToken } from '#db/system/set-up.ts';
import { loadConfig } from '#system/config.ts';
import { type IdentityApi, identityApi, owner } from '#tests/kit/identity-api.ts';
import { withDemoDoor } from './demo.ts';
import { identityRoom } from './identity.ts';

let api: IdentityApi;
afterEach(() => api?.close());
const apiWith = (environment: Record<string, string>) =>
  identityApi(withDemoDoor({ identity: identityRoom }, loadConfig(environment)), { environment });
const [first] = demoPeople;

test.each<Record<string, string>>([
  { WINDLASS_DEMO: '0' },
  { WINDLASS_DEMO: '1', HOST: '0.0.0.0' },
  { WINDLASS_DEMO: '1', HOST: '10.0.0.7' },
])('404: with %j there is no door without a password', async (environment) => {
  api = await apiWith(environment);
  expect((await api.get('/setup')).json().isDemo).toBe(false);
  const token = await makeSetupToken(api.system);
  const made = await api.post('/setup', {}, { ...owner, email: first?.email, name: first?.name, token });
  expect(made.statusCode).toBe(201);
  expect((await api.post('/auth/demo', {}, {})).statusCode).toBe(404);
});

test('200: in the demo one click signs in, once its people are there', async () => {
  api = await apiWith({ WINDLASS_DEMO: '1' });
  expect((await api.get('/setup')).json().isDemo).toBe(true);
  expect((await api.post('/auth/demo', {}, { role: 'owner' })).statusCode).toBe(404);
  await api.post('/setup', {}, { ...owner, email: first?.email, name: first?.name });
  const signedIn = await api.post('/auth/demo', {}, { role: 'owner', client: 'api' });
  expect(signedIn.statusCode).toBe(200);
  expect(signedIn.json()).toMatchObject({ user: { email: first?.email }, workspaces: [{ role: 'owner' }] });
  expect((await api.post('/auth/demo', {}, { role: 'viewer' })).statusCode).toBe(404);
});

test('404: an installation that has its own owner gives nobody away', async () => {
  api = await apiWith({ WINDLASS_DEMO: '1' });
  await api.post('/setup', {}, owner);
  for (const role of ['owner', 'admin', 'member', 'viewer'])
    expect((await api.post('/auth/demo', {}, { role })).statusCode).toBe(404);
});
