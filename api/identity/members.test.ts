import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IdentityApi, addMember, cookieOf, identityApi, owner, setUpOwner } from '#tests/kit/identity-api.ts';
import { auditRoom } from '../audit/audit.ts';
import { identityRoom } from './identity.ts';

let api: IdentityApi;
let mara: Awaited<ReturnType<typeof setUpOwner>>;
beforeAll(async () => {
  api = await identityApi(
    { identity: identityRoom, audit: auditRoom },
    { environment: { WINDLASS_PUBLIC_URL: 'https://ops.example.org' } },
  );
  mara = await setUpOwner(api);
});
afterAll(() => api?.close());

const by = () => ({ token: mara.token, workspace: mara.workspaceId });
const error = (answer: { statusCode: number; json: () => { error: string } }) => [
  answer.statusCode,
  answer.json().error,
];
const secretOf = (link: string): string => link.split('/invite/')[1] ?? '';
const invite = async (email: string, role = 'member') => (await api.post('/invitations', by(), { email, role })).json();
const accept = (link: string, body: object, caller = {}) =>
  api.post(`/invitations/by-token/${secretOf(link)}/accept`, caller, { client: 'api', ...body });
const newcomer = { name: 'New', password: 'a long enough word' };

test('a caller asks who it is: a person, and a key that has no person’s page', async () => {
  const person = (await api.get('/caller', by())).json();
  expect(person).toMatchObject({ kind: 'user', id: mara.userId, name: 'Mara', role: 'owner' });
  expect(person.workspace).toEqual({ id: mara.workspaceId, name: owner.workspace, slug: expect.any(String) });
  const { id, key } = (await api.post('/api-keys', by(), { name: 'ci', permissions: ['runs:read'] })).json();
  const { workspace } = person;
  expect((await api.get('/caller', { token: key })).json()).toEqual({
    kind: 'key',
    id,
    name: 'ci',
    workspace,
    role: null,
    permissions: ['runs:read'],
  });
  expect(error(await api.get('/me', { token: key }))).toEqual([403, 'identity.person_needed']);
  expect(error(await api.get('/caller'))).toEqual([401, 'identity.sign_in_needed']);
});

describe('invitations', () => {
  test('somebody new sees what is offered, takes a name and a password, and is a member at once', async () => {
    const { link, isMailed } = await invite('ines@example.org', 'admin');
    expect(link).toMatch(/^https:\/\/ops\.example\.org\/invite\//);
    expect(isMailed).toBe(true);
    expect(api.letters.at(-1)).toMatchObject({ to: 'ines@example.org', text: expect.stringContaining(link) });
    const offer = (await api.get(`/invitations/by-token/${secretOf(link)}`)).json();
    expect(offer).toMatchObject({
      workspace: owner.workspace,
      email: 'ines@example.org',
      role: 'admin',
      invitedBy: 'Mara',
      hasAccount: false,
    });
    const accepted = (await accept(link, newcomer)).json();
    expect(accepted.workspaces).toMatchObject([{ id: mara.workspaceId, role: 'admin' }]);
    expect(
      (await api.get('/members', { token: accepted.accessToken }))
        .json()
        .data.map((member: { email: string }) => member.email),
    ).toContain('ines@example.org');
  });

  test('410: a link works once, not after a week, and not once withdrawn or replaced', async () => {
    const used = await invite('once@example.org');
    expect((await accept(used.link, newcomer)).statusCode).toBe(200);
    expect(error(await accept(used.link, newcomer))).toEqual([410, 'identity.invitation_gone']);

    const [old, fresh] = [await invite('twice@example.org'), await invite('twice@example.org')];
    expect(error(await accept(old.link, newcomer))).toEqual([410, 'identity.invitation_gone']);
    expect((await api.del(`/invitations/${fresh.id}`, by())).statusCode).toBe(204);
    expect(error(await api.get(`/invitations/by-token/${secretOf(fresh.link)}`))).toEqual([
      410,
      'identity.invitation_gone',
    ]);

    const late = await invite('late@example.org');
    api.clock.move(7 * 86_400_000 + 1);
    expect(error(await accept(late.link, newcomer))).toEqual([410, 'identity.invitation_gone']);
    mara = { ...mara, token: (await api.post('/auth/login', {}, { ...owner, client: 'api' })).json().accessToken };
  });

  test('two who accept the same link at once make one member', async () => {
    const { link } = await invite('race@example.org');
    const answers = await Promise.all([accept(link, newcomer), accept(link, newcomer)]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, expect.toBeOneOf([409, 410])]);
  });

  test('an existing person needs their password, or to be signed in as that person', async () => {
    const away = await addMember(api, by(), { email: 'jonas@example.org', role: 'member' });
    await api.del(`/members/${away.userId}`, by());
    const again = await invite('jonas@example.org', 'viewer');
    expect((await api.get(`/invitations/by-token/${secretOf(again.link)}`)).json().hasAccount).toBe(true);
    expect(error(await accept(again.link, { password: 'not theirs at all' }, { token: mara.token }))).toEqual([
      401,
      'identity.sign_in_refused',
    ]); // another person's session is no proof
    expect(error(await accept(again.link, {}))).toEqual([401, 'identity.sign_in_needed']);
    expect((await accept(again.link, {}, { token: away.token })).json().workspaces).toMatchObject([{ role: 'viewer' }]);
  });

  test('409: who is a member cannot be invited again; 403: only owners invite owners', async () => {
    expect(error(await api.post('/invitations', by(), { email: owner.email, role: 'member' }))).toEqual([
      409,
      'identity.already_member',
    ]);
    const { token } = await addMember(api, by(), { email: 'deputy@example.org', role: 'admin' });
    expect(error(await api.post('/invitations', { token }, { email: 'x@example.org', role: 'owner' }))).toEqual([
      403,
      'identity.owner_needed',
    ]);
  });

  test('a link’s secret is in no table', async () => {
    const { link } = await invite('hashed@example.org');
    expect(JSON.stringify(await api.system.selectFrom('invitations').selectAll().execute())).not.toContain(
      secretOf(link),
    );
  });
});

describe('invitations to business units', () => {
  const inviteTo = async (email: string, units: unknown, role = 'member') =>
    api.post('/invitations', by(), { email, role, units });

  test('who accepts is bound to the units of the invitation at once, and it is on record', async () => {
    const made = (await inviteTo('unit@example.org', ['7000002', '7000001', '7000002'])).json();
    expect(made.units).toEqual(['7000001', '7000002']);
    const listed = (await api.get('/invitations', by())).json().data;
    expect(listed.find(({ id }: { id: string }) => id === made.id).units).toEqual(['7000001', '7000002']);
    // Which units there are is no matter of who holds the link.
    expect((await api.get(`/invitations/by-token/${secretOf(made.link)}`)).json()).not.toHaveProperty('units');
    const { user } = (await accept(made.link, newcomer)).json();
    const { mids } = await api.system
      .selectFrom('members')
      .select('mids')
      .where('userId', '=', user.id)
      .executeTakeFirstOrThrow();
    expect(mids).toBe('7000001,7000002');
    const { data } = (await api.get(`/audit?subject=member:${user.id}`, by())).json();
    expect(data).toMatchObject([{ action: 'member.joined', after: { units: ['7000001', '7000002'] } }]);
    const [sent] = (await api.get(`/audit?subject=invitation:${made.id}`, by())).json().data;
    expect(sent.after).toEqual({ role: 'member', units: ['7000001', '7000002'] });
  });

  test('an invitation to none is one to none, and one that names no units is one to all', async () => {
    for (const [email, units, mids] of [
      ['none@example.org', [], ''],
      ['all@example.org', undefined, '*'],
    ] as const) {
      const { user } = (await accept((await inviteTo(email, units)).json().link, newcomer)).json();
      const bound = await api.system.selectFrom('members').select('mids').where('userId', '=', user.id).execute();
      expect(bound).toEqual([{ mids }]);
    }
  });

  test('409: an administrator is invited to all; 400: an id that would name several, or all, is none', async () => {
    expect(error(await inviteTo('boss@example.org', ['7000001'], 'admin'))).toEqual([409, 'identity.sees_all']);
    for (const units of [['*'], ['1,2'], ['']])
      expect(error(await inviteTo('starred2@example.org', units))).toEqual([400, 'contract.broken']);
  });
});

describe('owners', () => {
  test('409: the last owner can neither be demoted nor removed nor leave', async () => {
    expect(error(await api.patch(`/members/${mara.userId}`, by(), { role: 'admin' }))).toEqual([
      409,
      'identity.last_owner',
    ]);
    expect(error(await api.del(`/members/${mara.userId}`, by()))).toEqual([409, 'identity.last_owner']);
    expect(error(await api.post('/members/leave', by()))).toEqual([409, 'identity.last_owner']);
  });

  test('403: an admin appoints and removes no owner', async () => {
    const { token, userId } = await addMember(api, by(), { email: 'ambitious@example.org', role: 'admin' });
    for (const answer of [
      await api.patch(`/members/${userId}`, { token }, { role: 'owner' }),
      await api.patch(`/members/${mara.userId}`, { token }, { role: 'viewer' }),
      await api.del(`/members/${mara.userId}`, { token }),
    ])
      expect(error(answer)).toEqual([403, 'identity.owner_needed']);
  });

  test('of two owners that demote each other at once, one stays', async () => {
    const dele = await addMember(api, by(), { email: 'dele@example.org', role: 'owner' });
    const answers = await Promise.all([
      api.patch(`/members/${dele.userId}`, by(), { role: 'admin' }),
      api.patch(`/members/${mara.userId}`, { token: dele.token }, { role: 'admin' }),
    ]);
    const owners = await api.system
      .selectFrom('members')
      .select('userId')
      .where('workspaceId', '=', mara.workspaceId)
      .where('role', '=', 'owner')
      .execute();
    expect(owners).toHaveLength(1);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, expect.toBeOneOf([403, 409])]);
    if (owners[0]?.userId !== mara.userId)
      await api.patch(`/members/${mara.userId}`, { token: dele.token }, { role: 'owner' });
  });
});

describe('instance administrators', () => {
  test('one makes another; the last one stays', async () => {
    expect(error(await api.del(`/instance/administrators/${mara.userId}`, by()))).toEqual([
      409,
      'identity.last_administrator',
    ]);
    const other = await addMember(api, by(), { email: 'root@example.org', role: 'viewer' });
    expect(error(await api.get('/instance/administrators', { token: other.token }))).toEqual([
      403,
      'identity.permission_missing',
    ]);
    expect((await api.post('/instance/administrators', by(), { email: 'root@example.org' })).statusCode).toBe(201);
    expect((await api.get('/instance/administrators', { token: other.token })).json().data).toHaveLength(2);
    expect((await api.del(`/instance/administrators/${other.userId}`, by())).statusCode).toBe(204);
    expect((await api.get('/instance/administrators', { token: other.token })).statusCode).toBe(403);
  });
});

describe('the audit log', () => {
  test('tells who did what to whom, by filters, page by page', async () => {
    const { token, userId } = await addMember(api, by(), { email: 'watched@example.org', role: 'viewer' });
    await api.patch(`/members/${userId}`, by(), { role: 'member' });
    const of = async (query: string) => (await api.get(`/audit?${query}`, by())).json();
    const { data } = await of(`subject=member:${userId}&action=member.role_changed`);
    expect(data).toMatchObject([
      {
        actor: { kind: 'user', id: mara.userId, name: 'Mara' },
        before: { role: 'viewer' },
        after: { role: 'member' },
        address: '127.0.0.1',
      },
    ]);
    expect(data[0].requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await of('action=member.*&q=watched')).data.map((entry: { action: string }) => entry.action)).toEqual([
      'member.role_changed',
      'member.joined',
    ]);
    expect((await of('q=100%25')).data).toEqual([]);
    const one = await of('limit=1');
    const two = await of(`limit=1&cursor=${one.pagination.nextCursor}`);
    expect(two.data[0].id < one.data[0].id).toBe(true);
    expect(error(await api.get('/audit', { token }))).toEqual([403, 'identity.permission_missing']);
  });

  test('a refused sign-in and a good one are in it', async () => {
    await api.post('/auth/login', {}, { ...owner, password: 'wrong' });
    const { data } = (await api.get('/audit?action=session.*', by())).json();
    expect(data[0]).toMatchObject({ action: 'session.refused', after: { reason: 'sign_in_refused' } });
    expect(data.some((entry: { action: string }) => entry.action === 'session.started')).toBe(true);
  });

  test('leaves as CSV, with quotes doubled and formulas disarmed', async () => {
    await api.post('/api-keys', by(), { name: '=cmd|"calc"', permissions: ['runs:read'] });
    const answer = await api.get('/audit/export.csv?action=key.created', by());
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="audit-/),
    });
    const [head, line] = answer.body.split('\r\n');
    expect(head).toBe('at,actorKind,actorId,actorName,action,subject,title,before,after,address,requestId');
    expect(line).toContain(`"'=cmd|""calc"""`);
  });
});

test('a cookie of an installation behind TLS is for TLS alone', async () => {
  const answer = await api.post('/auth/login', {}, owner, { origin: 'https://ops.example.org' });
  expect(cookieOf(answer)).toMatch(/^__Host-windlass_/);
  expect(answer.headers['set-cookie']).toMatch(/; Secure;/);
});

describe('business units', () => {
  test('a member is bound to units, freed again, and it is on record; members are not told whose units are which', async () => {
    const bound = await addMember(api, by(), { email: 'outlet@example.org', role: 'member' });
    const other = await addMember(api, by(), { email: 'onlooker@example.org', role: 'viewer' });
    const unitsSeenBy = async (caller: { token: string }) =>
      (await api.get('/members', caller)).json().data.find(({ id }: { id: string }) => id === bound.userId).units;
    const set = (units: unknown) => api.patch(`/members/${bound.userId}`, by(), { units });
    expect(await unitsSeenBy(by())).toBe(null);
    expect((await set(['7000002', '7000001', '7000002'])).json().units).toEqual(['7000001', '7000002']);
    expect(await unitsSeenBy(by())).toEqual(['7000001', '7000002']);
    expect(await unitsSeenBy({ token: other.token })).toBe(undefined);
    expect((await set([])).json().units).toEqual([]);
    expect((await set(null)).json().units).toBe(null);
    // A repeated call leaves no second entry.
    await set(null);
    const { data } = (await api.get(`/audit?subject=member:${bound.userId}&action=member.units_changed`, by())).json();
    expect(data.map(({ before, after }: { before: unknown; after: unknown }) => [before, after])).toEqual([
      [{ units: [] }, { units: null }],
      [{ units: ['7000001', '7000002'] }, { units: [] }],
      [{ units: null }, { units: ['7000001', '7000002'] }],
    ]);
  });

  test('409: owners and administrators are bound to none, and whoever becomes one is free', async () => {
    const { userId } = await addMember(api, by(), { email: 'riser@example.org', role: 'member' });
    const change = (body: object) => api.patch(`/members/${userId}`, by(), body);
    await change({ units: ['7000001'] });
    expect((await change({ role: 'admin' })).json()).toMatchObject({ role: 'admin', units: null });
    expect(error(await change({ units: ['7000001'] }))).toEqual([409, 'identity.sees_all']);
    expect((await change({ role: 'viewer', units: ['7000001'] })).json()).toMatchObject({ units: ['7000001'] });
  });

  test('400: an id that would name several, or all, is none; a change of nothing is none', async () => {
    const { userId } = await addMember(api, by(), { email: 'starred@example.org', role: 'member' });
    for (const body of [{ units: ['*'] }, { units: ['1,2'] }, { units: [''] }, {}])
      expect(error(await api.patch(`/members/${userId}`, by(), body))).toEqual([400, 'contract.broken']);
  });
});
