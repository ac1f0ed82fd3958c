import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineRoutes } from '#contracts/kit/route.ts';
import { identityRoom } from '#api/identity/identity.ts';
import { settingsRoom } from '#api/settings/settings.ts';
import { type IdentityApi, addMember, cookieOf, identityApi, owner, setUpOwner } from '#tests/kit/identity-api.ts';
import { room } from './room.ts';

/** Routes that say who they take the caller for. */
const probeRoutes = defineRoutes({
  read: { method: 'GET', path: '/probe', access: 'runs:read', summary: '', response: z.looseObject({}) },
  write: { method: 'POST', path: '/probe', access: 'servers:manage', summary: '', response: z.looseObject({}) },
  stream: { method: 'GET', path: '/probe/stream', access: 'member', summary: '', stream: 'sse' },
});
const probe = room(probeRoutes, () => {
  const tell = ({ actor }: { actor: { kind: string; id: string; workspaceId: string } }) => ({
    kind: actor.kind,
    id: actor.id,
    workspaceId: actor.workspaceId,
  });
  return { read: tell, write: tell, stream: ({ reply }) => reply.send('streamed') };
});

let api: IdentityApi;
let mara: Awaited<ReturnType<typeof setUpOwner>>;
let second: { id: string; slug: string };
let cookie: string;
beforeAll(async () => {
  api = await identityApi({ identity: identityRoom, settings: settingsRoom, probe });
  mara = await setUpOwner(api);
  second = (await api.post('/workspaces', mara, { name: 'Second', slug: 'second' })).json();
  cookie = cookieOf(await api.post('/auth/login', {}, owner, { origin: api.origin }));
});
afterAll(() => api?.close());

const first = () => ({ token: mara.token, workspace: mara.workspaceId });
const makeKey = async (body: object, by = first()) => (await api.post('/api-keys', by, body)).json();
const error = (answer: { statusCode: number; json: () => { error: string } }) => [
  answer.statusCode,
  answer.json().error,
];

describe('the workspace of a request', () => {
  test('400: a person of two workspaces must name one, by id or short name', async () => {
    expect(error(await api.get('/probe', { token: mara.token }))).toEqual([400, 'request.workspace_needed']);
    expect((await api.get('/probe', { token: mara.token, workspace: 'second' })).json().workspaceId).toBe(second.id);
    expect((await api.get(`/probe?workspace=${second.id}`, { token: mara.token })).json().workspaceId).toBe(second.id);
  });

  test('400: header and query that name different workspaces are refused; the same by two names is fine', async () => {
    expect(error(await api.get('/probe?workspace=alder-finch', { token: mara.token, workspace: 'second' }))).toEqual([
      400,
      'request.workspace_ambiguous',
    ]);
    expect((await api.get('/probe?workspace=second', { token: mara.token, workspace: second.id })).statusCode).toBe(
      200,
    );
  });

  test('403: a workspace of others and one that does not exist answer the same', async () => {
    const { token } = await addMember(api, first(), { email: 'solo@example.org', role: 'viewer' });
    const [others, none] = [
      await api.get('/probe', { token, workspace: 'second' }),
      await api.get('/probe', { token, workspace: 'nothing-there' }),
    ];
    expect(others.json()).toEqual({ ...none.json(), requestId: others.json().requestId });
    expect(error(others)).toEqual([403, 'identity.membership_needed']);
    expect((await api.get('/probe', { token })).json().workspaceId).toBe(mara.workspaceId); // the only one
  });
});

describe('permissions', () => {
  test('403: a missing permission is named', async () => {
    const { token } = await addMember(api, first(), { email: 'viewer@example.org', role: 'viewer' });
    const answer = await api.post('/probe', { token });
    expect(error(answer)).toEqual([403, 'identity.permission_missing']);
    expect(answer.json()).toMatchObject({
      message: expect.stringContaining('servers:manage'),
      details: { permission: 'servers:manage' },
    });
    expect((await api.get('/instance/administrators', { token })).statusCode).toBe(403);
  });

  test('a change of role counts from the next request on', async () => {
    const { token, userId } = await addMember(api, first(), { email: 'rising@example.org', role: 'viewer' });
    expect((await api.post('/probe', { token })).statusCode).toBe(403);
    await api.patch(`/members/${userId}`, first(), { role: 'admin' });
    expect((await api.post('/probe', { token })).statusCode).toBe(200);
    await api.del(`/members/${userId}`, first());
    expect(error(await api.get('/probe', { token }))).toEqual([403, 'identity.membership_needed']);
  });

  test('403: a person without a second factor cannot work where the workspace asks for one, but can still set it up', async () => {
    const inSecond = { token: mara.token, workspace: 'second' };
    expect(error(await api.patch('/settings', inSecond, { requireMfa: true }))).toEqual([
      409,
      'settings.own_factor_needed',
    ]);
    const { key } = await makeKey({ name: 'policy', permissions: ['settings:manage'] }, inSecond);
    expect((await api.patch('/settings', { token: key }, { requireMfa: true })).statusCode).toBe(200);
    expect(error(await api.get('/probe', { token: mara.token, workspace: 'second' }))).toEqual([
      403,
      'identity.mfa_required',
    ]);
    expect((await api.get('/me', { token: mara.token, workspace: 'second' })).json().current).toMatchObject({
      slug: 'second',
      needsSecondFactor: true,
    });
    expect((await api.get('/probe', first())).statusCode).toBe(200);
  });
});

describe('API keys', () => {
  test('a key works in its workspace with its permissions alone, and a revoked one is refused at once', async () => {
    const { id, key } = await makeKey({ name: 'ci', permissions: ['runs:read'] });
    expect(key).toMatch(/^wl_/);
    expect((await api.get('/probe', { token: key })).json()).toEqual({
      kind: 'key',
      id,
      workspaceId: mara.workspaceId,
    });
    expect(error(await api.post('/probe', { token: key }))).toEqual([403, 'identity.permission_missing']);
    expect(error(await api.get('/probe', { token: key, workspace: 'second' }))).toEqual([
      403,
      'identity.membership_needed',
    ]);
    expect(error(await api.get('/me', { token: key }))).toEqual([403, 'identity.person_needed']);
    expect((await api.del(`/api-keys/${id}`, first())).statusCode).toBe(204);
    expect(error(await api.get('/probe', { token: key }))).toEqual([401, 'identity.sign_in_needed']);
  });

  test('a key revoked elsewhere is refused within 5 s, and at once when the event is told', async () => {
    const { id, key } = await makeKey({ name: 'elsewhere', permissions: ['runs:read'] });
    expect((await api.get('/probe', { token: key })).statusCode).toBe(200);
    await api.app.transaction().execute(async () => {}); // nothing of this process tells the hook
    const { inTenant } = await import('#db/kit/in-tenant.ts');
    await inTenant(api.app, mara.workspaceId, (tx) =>
      tx.updateTable('apiKeys').set({ revokedAt: new Date() }).where('id', '=', id).execute(),
    );
    expect((await api.get('/probe', { token: key })).statusCode).toBe(200);
    api.clock.move(5_000);
    expect((await api.get('/probe', { token: key })).statusCode).toBe(401);

    const other = await makeKey({ name: 'told', permissions: ['runs:read'] });
    expect((await api.get('/probe', { token: other.key })).statusCode).toBe(200);
    await inTenant(api.app, mara.workspaceId, (tx) =>
      tx.updateTable('apiKeys').set({ revokedAt: new Date() }).where('id', '=', other.id).execute(),
    );
    api.auth.invalidate({ type: 'key.changed' });
    expect((await api.get('/probe', { token: other.key })).statusCode).toBe(401);
  });

  test('a key ends at its expiry, and cannot be made with one in the past', async () => {
    const expiresAt = new Date(api.clock.now() + 60_000).toISOString();
    const { key } = await makeKey({ name: 'short', permissions: ['runs:read'], expiresAt });
    expect((await api.get('/probe', { token: key })).statusCode).toBe(200);
    api.clock.move(60_001);
    expect((await api.get('/probe', { token: key })).statusCode).toBe(401);
    expect(
      error(await api.post('/api-keys', first(), { name: 'past', permissions: ['runs:read'], expiresAt })),
    ).toEqual([422, 'identity.expiry_past']);
  });

  test('nobody gives a key more than they have, and a key never does more than its owner may now', async () => {
    const { token, userId } = await addMember(api, first(), { email: 'admin@example.org', role: 'admin' });
    const { key } = await makeKey(
      { name: 'by admin', permissions: ['servers:manage', 'keys:manage', 'runs:read'] },
      { token, workspace: mara.workspaceId },
    );
    expect((await api.post('/probe', { token: key })).statusCode).toBe(200);
    const excess = await api.post('/api-keys', { token: key }, { name: 'more', permissions: ['members:manage'] });
    expect(error(excess)).toEqual([403, 'identity.permission_excess']);
    await api.patch(`/members/${userId}`, first(), { role: 'viewer' });
    expect((await api.post('/probe', { token: key })).statusCode).toBe(403);
    expect((await api.get('/probe', { token: key })).statusCode).toBe(200);
    await api.del(`/members/${userId}`, first());
    expect((await api.get('/probe', { token: key })).statusCode).toBe(401);
  });

  test('the list shows when a key was last used and never the key', async () => {
    const { id, key } = await makeKey({ name: 'used', permissions: ['runs:read'] });
    await api.get('/probe', { token: key });
    await expect
      .poll(
        async () =>
          (await api.get('/api-keys', first())).json().data.find((row: { id: string }) => row.id === id).lastUsedAt,
      )
      .not.toBeNull();
    expect((await api.get('/api-keys', first())).body).not.toContain(key);
    expect(JSON.stringify(await api.system.selectFrom('apiKeys').selectAll().execute())).not.toContain(key);
  });
});

describe('browsers', () => {
  const by = () => ({ cookie, workspace: 'alder-finch' });
  const withOrigin = (origin: string) => ({ origin });

  test('403: a write by cookie from another origin, or from none, is refused; by a key it is fine', async () => {
    expect((await api.post('/probe', by())).statusCode).toBe(200);
    expect(error(await api.post('/probe', by(), undefined, withOrigin('https://evil.example')))).toEqual([
      403,
      'request.origin_refused',
    ]);
    expect(error(await api.post('/probe', by(), undefined, withOrigin('null')))).toEqual([
      403,
      'request.origin_refused',
    ]);
    const bare = { cookie, 'x-workspace': 'alder-finch' };
    expect(error(await api.call('POST', '/probe', {}, undefined, bare))).toEqual([403, 'request.origin_refused']);
    expect((await api.call('GET', '/probe', {}, undefined, bare)).statusCode).toBe(200);
    expect((await api.post('/probe', first(), undefined, withOrigin('https://evil.example'))).statusCode).toBe(200);
  });

  test('403: a stream by cookie from another origin is refused', async () => {
    expect((await api.get('/probe/stream', by())).statusCode).toBe(200);
    expect(error(await api.get('/probe/stream', by(), withOrigin('https://evil.example')))).toEqual([
      403,
      'request.origin_refused',
    ]);
    expect(
      error(
        await api.call('GET', '/probe/stream', {}, undefined, {
          cookie,
          'x-workspace': 'alder-finch',
          'sec-fetch-site': 'cross-site',
        }),
      ),
    ).toEqual([403, 'request.origin_refused']);
  });

  test('403: another page cannot sign people in', async () => {
    expect(error(await api.post('/auth/login', {}, owner, withOrigin('https://evil.example')))).toEqual([
      403,
      'request.origin_refused',
    ]);
  });

  test('403: on loopback a foreign host name is refused on every route, also where nothing is', async () => {
    for (const path of ['/setup', '/probe', '/nothing-here']) {
      expect(error(await api.get(path, {}, { host: 'rebound.evil.example' }))).toEqual([403, 'request.host_refused']);
    }
    for (const host of ['127.0.0.1:3000', '[::1]:3000', 'localhost', 'windlass.localhost:80'])
      expect((await api.get('/setup', {}, { host })).statusCode).toBe(200);
  });

  test('401: an altered cookie is as good as none', async () => {
    const altered = `${cookie.slice(0, -4)}AAAA`;
    expect((await api.get('/me', { cookie: altered })).statusCode).toBe(401);
  });
});

describe('limits', () => {
  test('429: a key has its own number a minute by the workspace’s setting, told in the headers', async () => {
    await api.patch('/settings', first(), { requestsPerMinute: 60 });
    const { key } = await makeKey({ name: 'busy', permissions: ['runs:read'] });
    const answers = await Promise.all(Array.from({ length: 61 }, () => api.get('/probe', { token: key })));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(60);
    const refused = answers.find(({ statusCode }) => statusCode === 429);
    expect(refused?.json().error).toBe('request.rate_limited');
    expect(refused?.headers).toMatchObject({ 'ratelimit-limit': '60', 'ratelimit-remaining': '0', 'retry-after': '1' });
    api.clock.move(1_000);
    expect((await api.get('/probe', { token: key })).statusCode).toBe(200);
    await api.patch('/settings', first(), { requestsPerMinute: 6_000 });
  });

  test('429: an address signs in ten times a minute', async () => {
    const strict = await identityApi({ identity: identityRoom }, { limits: {} });
    try {
      const answers = [];
      for (let count = 0; count < 11; count++)
        answers.push(await strict.post('/auth/login', {}, { email: `p${count}@example.org`, password: 'x' }));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    } finally {
      await strict.close();
    }
  });
});
