import { generateSync } from 'otplib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FactorsOffered, KeyChallenge } from '#contracts/identity/key-answers.ts';
import { type IdentityApi, cookieOf, identityApi, owner, setUpOwner } from '#tests/kit/identity-api.ts';
import { type Bend, softwareKey } from '#tests/kit/security-key.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { settingsRoom } from '../settings/settings.ts';
import { identityRoom } from './identity.ts';
import { passwordLinkRoom } from './password-links.ts';
import { securityKeyRoom } from './security-keys.ts';

const rooms = {
  identity: identityRoom,
  securityKeys: securityKeyRoom,
  passwordLinks: passwordLinkRoom,
  settings: settingsRoom,
};
const password = owner.password;
let api: IdentityApi;
let token: string;
let workspaceId: string;
const start = async (environment: Record<string, string> = {}): Promise<void> => {
  api = await identityApi(rooms, { environment });
  ({ token, workspaceId } = await setUpOwner(api));
};
beforeAll(() => start());
afterAll(() => api?.close());
// Each test begins with the password alone.
beforeEach(async () => {
  for (const table of ['securityKeys', 'keyChallenges', 'secondFactors', 'recoveryCodes', 'signInThrottle'] as const)
    await api.system.deleteFrom(table).execute();
  await api.system.updateTable('users').set({ hasSecondFactor: false }).execute();
  token = (await login()).json().accessToken;
});

type Answer = Awaited<ReturnType<IdentityApi['post']>>;
const says = (answer: Answer): [number, string] => [answer.statusCode, answer.json().error];
const login = (more: object = {}, headers: Record<string, string> = {}) =>
  api.post('/auth/login', {}, { email: owner.email, password, client: 'api', ...more }, headers);
const offeredBy = (answer: Answer): FactorsOffered => answer.json().details;
const asked = async (): Promise<KeyChallenge> => offeredBy(await login()).key as KeyChallenge;
const offer = async (more: object = {}): Promise<KeyChallenge> =>
  (await api.post('/me/security-keys/offer', { token }, { password, ...more })).json();
const add = (made: object, name = 'Blue key', by = token) =>
  api.post('/me/security-keys', { token: by }, { name, ...made });
/** Adds a key; with a second factor there already, that is shown by its code. */
const enrol = async (key = softwareKey(), more: object = {}) => {
  const answer = await add(key.create(await offer(more)));
  expect(answer.statusCode).toBe(201);
  return { key, id: String(answer.json().securityKey.id), recoveryCodes: answer.json().recoveryCodes as string[] };
};
const audit = async () =>
  (
    await inTenant(api.app, workspaceId, (tx) =>
      tx.selectFrom('auditEntries').select(['action', 'before', 'after']).orderBy('id').execute(),
    )
  ).filter(({ action }) => /^person\.|session\.refused/.test(action));

describe('adding', () => {
  test('a key is added by its answer, brings recovery codes as the first factor, is listed and told', async () => {
    const { recoveryCodes, id } = await enrol();
    expect(recoveryCodes).toHaveLength(10);
    expect((await api.get('/me/second-factor', { token })).json()).toMatchObject({
      isOn: true,
      confirmedAt: null,
      recoveryCodesLeft: 10,
      securityKeys: [{ id, name: 'Blue key', site: 'localhost', lastUsedAt: null }],
    });
    const me = (await api.get('/me', { token })).json();
    expect([me.user.hasSecondFactor, me.session.hasSecondFactor]).toEqual([true, true]);
    expect((await audit()).slice(-2)).toMatchObject([
      { action: 'person.security_key_added', after: { name: 'Blue key' } },
      { action: 'person.second_factor_on' },
    ]);
    const events = await inTenant(api.app, workspaceId, (tx) =>
      tx.selectFrom('events').select(['type', 'data']).execute(),
    );
    expect(events).toContainEqual({
      type: 'member.changed',
      data: expect.objectContaining({ change: 'added', hasSecondFactor: true }),
    });
  });

  test('403: it takes the password, and the second factor where there is one; recovery codes stay', async () => {
    expect(says(await api.post('/me/security-keys/offer', { token }, { password: 'wrong' }))).toEqual([
      403,
      'identity.password_wrong',
    ]);
    const { recoveryCodes } = await enrol();
    expect(says(await api.post('/me/security-keys/offer', { token }, { password }))).toEqual([
      403,
      'identity.code_needed',
    ]);
    const second = await enrol(softwareKey(), { code: recoveryCodes[0] });
    expect(second.recoveryCodes).toEqual([]);
    expect((await api.get('/me/second-factor', { token })).json()).toMatchObject({
      recoveryCodesLeft: 9,
      securityKeys: [{}, {}],
    });
  });

  test('409: the same key is not added twice, by nobody', async () => {
    const { key, recoveryCodes } = await enrol();
    const again = await add(key.create(await offer({ code: recoveryCodes[0] })));
    expect(says(again)).toEqual([409, 'identity.key_known']);
  });

  test('409: there are 20 keys a person', async () => {
    const { recoveryCodes } = await enrol();
    const row = await api.system.selectFrom('securityKeys').selectAll().executeTakeFirstOrThrow();
    const more = Array.from({ length: 19 }, (_, at) => ({ ...row, id: crypto.randomUUID(), credentialId: `c${at}` }));
    await api.system.insertInto('securityKeys').values(more).execute();
    const answer = await add(softwareKey().create(await offer({ code: recoveryCodes[0] })));
    expect(says(answer)).toEqual([409, 'identity.key_limit']);
  });

  test.each<[string, Bend]>([
    ['another challenge', { challenge: 'AAAA' }],
    ['another page', { origin: 'http://evil.localhost:3000' }],
    ['another site', { site: 'evil.example' }],
    ['an answer to another question', { type: 'webauthn.get' }],
    ['nobody’s touch', { untouched: true }],
  ])('403: %s', async (_, bend) => {
    expect(says(await add(softwareKey().create(await offer(), bend)))).toEqual([403, 'identity.key_wrong']);
    expect((await api.get('/me/second-factor', { token })).json()).toMatchObject({ isOn: false, securityKeys: [] });
  });

  test('403: what was asked is good for one answer, in its session, for five minutes, and for adding alone', async () => {
    const first = await offer();
    expect((await add(softwareKey().create(first, { origin: 'http://evil.localhost' }))).statusCode).toBe(403);
    expect(says(await add(softwareKey().create(first)))).toEqual([403, 'identity.key_late']);
    const { accessToken: other } = (await login()).json();
    const second = await offer();
    expect(says(await add(softwareKey().create(second), 'Theirs', other))).toEqual([403, 'identity.key_late']);
    api.clock.move(5 * 60_000);
    expect(says(await add(softwareKey().create(second)))).toEqual([403, 'identity.key_late']);
    const { key, recoveryCodes } = await enrol();
    const adding = await offer({ code: recoveryCodes[0] });
    expect(says(await login({ key: key.get(adding) }))).toEqual([403, 'identity.key_late']);
  });
});

describe('signing in', () => {
  test('the key is asked for, opens a session that has shown a second factor, and its use is noted', async () => {
    const { key } = await enrol();
    const needed = await login();
    expect(says(needed)).toEqual([403, 'identity.code_needed']);
    expect(offeredBy(needed)).toMatchObject({ hasApp: false, keyAddress: null });
    api.clock.move(60_000);
    const answer = await login({ key: key.get(offeredBy(needed).key as KeyChallenge) });
    expect(answer.statusCode).toBe(200);
    expect((await api.get('/me', { token: answer.json().accessToken })).json().session.hasSecondFactor).toBe(true);
    const [listed] = (await api.get('/me/second-factor', { token })).json().securityKeys;
    expect(listed.lastUsedAt).toBe(new Date(api.clock.now()).toISOString());
    // A browser's page gets its cookie, as by a code.
    const page = await login({ client: undefined, key: key.get(await asked()) }, { origin: api.origin });
    expect((await api.get('/me', { cookie: cookieOf(page) })).json().session.hasSecondFactor).toBe(true);
  });

  test('a wrong password is told nothing of keys', async () => {
    await enrol();
    const answer = await login({ password: 'not the password' });
    expect([says(answer), answer.json().details]).toEqual([[401, 'identity.sign_in_refused'], undefined]);
  });

  test.each<[string, Bend]>([
    ['another challenge', { challenge: 'AAAA' }],
    ['another page', { origin: 'http://evil.localhost:3000' }],
    ['another site', { site: 'evil.example' }],
    ['an answer to another question', { type: 'webauthn.create' }],
    ['nobody’s touch', { untouched: true }],
  ])('403: %s', async (_, bend) => {
    const { key } = await enrol();
    expect(says(await login({ key: key.get(await asked(), bend) }))).toEqual([403, 'identity.key_wrong']);
    expect((await audit()).at(-1)).toMatchObject({ action: 'session.refused', after: { reason: 'key_wrong' } });
  });

  test('403: a key of nobody’s, a stranger’s, and one whose signature was altered', async () => {
    const { key } = await enrol();
    expect(says(await login({ key: softwareKey().get(await asked()) }))).toEqual([403, 'identity.key_wrong']);
    const forged = key.get(await asked());
    forged.response.response.signature = softwareKey().get({ ticket: '', options: {} }).response.response.signature;
    expect(says(await login({ key: forged }))).toEqual([403, 'identity.key_wrong']);
    await api.post('/invitations', { token }, { email: 'ines@example.org', role: 'viewer' }).then(async (invited) => {
      const secret = String(invited.json().link).split('/invite/')[1];
      await api.post(`/invitations/by-token/${secret}/accept`, {}, { name: 'Ines', password: 'a long enough word' });
    });
    const hers = { email: 'ines@example.org', password: 'a long enough word' };
    const { accessToken } = (await login(hers)).json();
    const hersOffer = await api.post('/me/security-keys/offer', { token: accessToken }, { password: hers.password });
    const herKey = softwareKey();
    expect((await add(herKey.create(hersOffer.json()), 'Hers', accessToken)).statusCode).toBe(201);
    // Her key to what I was asked, and to what she was asked.
    expect(says(await login({ key: herKey.get(await asked()) }))).toEqual([403, 'identity.key_wrong']);
    const askedHer = offeredBy(await login(hers)).key as KeyChallenge;
    expect(says(await login({ key: herKey.get(askedHer) }))).toEqual([403, 'identity.key_late']);
  });

  test('403: what was asked is good for one answer, for five minutes, and is no other session’s', async () => {
    const { key } = await enrol();
    const first = await asked();
    const answer = key.get(first);
    expect((await login({ key: answer })).statusCode).toBe(200);
    expect(says(await login({ key: answer }))).toEqual([403, 'identity.key_late']);
    expect(says(await login({ key: key.get(first) }))).toEqual([403, 'identity.key_late']);
    const old = await asked();
    api.clock.move(5 * 60_000);
    expect(says(await login({ key: key.get(old) }))).toEqual([403, 'identity.key_late']);
    const [one, two] = [await asked(), await asked()];
    // The answer to one question does not open by the ticket of another.
    expect(says(await login({ key: { ...key.get(one), ticket: two.ticket } }))).toEqual([403, 'identity.key_wrong']);
    const removal = await api.post(`/me/second-factor/recovery-codes`, { token }, {});
    const inSession = offeredBy(removal).key as KeyChallenge;
    expect(says(await login({ key: key.get(inSession) }))).toEqual([403, 'identity.key_late']);
  });

  test('of two answers at once to one question one is taken', async () => {
    const { key } = await enrol();
    const answer = key.get(await asked());
    const both = await Promise.all([login({ key: answer }), login({ key: answer })]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 403]);
  });

  test('403: a count that went back, or stood still, is a copy’s: refused and told; only a signed one is', async () => {
    const { key } = await enrol();
    expect((await login({ key: key.get(await asked(), { signCount: 9 }) })).statusCode).toBe(200);
    for (const signCount of [9, 3, 0]) {
      expect(says(await login({ key: key.get(await asked(), { signCount }) }))).toEqual([403, 'identity.key_copied']);
      expect((await audit()).slice(-2)).toMatchObject([
        { action: 'person.security_key_suspected', before: { name: 'Blue key', signCount: 9 }, after: { signCount } },
        { action: 'session.refused', after: { reason: 'key_copied' } },
      ]);
    }
    const unsigned = key.get(await asked(), { signCount: 2, origin: 'http://evil.localhost' });
    expect(says(await login({ key: unsigned }))).toEqual([403, 'identity.key_wrong']);
    api.clock.move(3_600_000);
    expect((await login({ key: key.get(await asked(), { signCount: 10 }) })).statusCode).toBe(200);
  });

  test('a key that does not count is taken each time', async () => {
    const key = softwareKey();
    await add(key.create(await offer(), { signCount: 0 }));
    for (let time = 0; time < 2; time++)
      expect((await login({ key: key.get(await asked(), { signCount: 0 }) })).statusCode).toBe(200);
  });

  test('429: wrong keys and wrong codes count against the same lock', async () => {
    const { key, recoveryCodes } = await enrol();
    const good = await asked();
    for (let count = 0; count < 3; count++) {
      const wrong = await login({ key: softwareKey().get(await asked()) });
      expect(says(wrong)).toEqual([403, 'identity.key_wrong']);
    }
    for (let count = 0; count < 2; count++) expect((await login({ code: '000000' })).statusCode).toBe(403);
    expect(says(await login({ key: key.get(good) }))).toEqual([429, 'identity.locked']);
    expect(says(await login({ code: recoveryCodes[0] }))).toEqual([429, 'identity.locked']);
    api.clock.move(30_001);
    expect((await login({ key: key.get(good) })).statusCode).toBe(200);
  });

  test('a recovery code opens in the key’s place, once; a code of an app that was never confirmed does not', async () => {
    const { recoveryCodes, key } = await enrol();
    expect((await login({ code: recoveryCodes[0] })).statusCode).toBe(200);
    expect(says(await login({ code: recoveryCodes[0] }))).toEqual([403, 'identity.code_wrong']);
    const needed = await api.post('/me/second-factor', { token }, { password });
    const proof = { password, key: key.get(offeredBy(needed).key as KeyChallenge) };
    const { secret } = (await api.post('/me/second-factor', { token }, proof)).json();
    const code = generateSync({ secret, epoch: Math.floor(api.clock.now() / 1_000) });
    expect(says(await login({ code }))).toEqual([403, 'identity.code_wrong']);
    // Once it is confirmed it does, and the recovery codes are those there were.
    expect((await api.post('/me/second-factor/confirm', { token }, { code })).json()).toEqual({ recoveryCodes: [] });
    api.clock.move(30_000);
    const next = generateSync({ secret, epoch: Math.floor(api.clock.now() / 1_000) });
    expect(offeredBy(await login())).toMatchObject({ hasApp: true, key: { ticket: expect.any(String) } });
    expect((await login({ code: next })).statusCode).toBe(200);
    expect((await login({ code: recoveryCodes[1] })).statusCode).toBe(200);
  });
});

describe('removing', () => {
  const remove = (id: string, more: object = {}) =>
    api.post(`/me/security-keys/${id}/remove`, { token }, { password, ...more });
  const isFactorOn = async () => (await api.get('/me', { token })).json().user.hasSecondFactor;

  test('it takes password and factor; with the last factor the recovery codes go, and sessions have shown none', async () => {
    const { key, id, recoveryCodes } = await enrol();
    const other = await enrol(softwareKey(), { code: recoveryCodes[0] });
    expect(says(await remove(id, { password: 'wrong' }))).toEqual([403, 'identity.password_wrong']);
    const needed = await remove(id);
    expect(says(needed)).toEqual([403, 'identity.code_needed']);
    expect((await remove(id, { key: key.get(offeredBy(needed).key as KeyChallenge) })).statusCode).toBe(204);
    expect([await isFactorOn(), (await audit()).at(-1)?.action]).toEqual([true, 'person.security_key_removed']);
    expect(says(await login({ key: key.get(await asked()) }))).toEqual([403, 'identity.key_wrong']);

    expect((await remove(other.id, { code: recoveryCodes[1] })).statusCode).toBe(204);
    expect((await audit()).slice(-2).map(({ action }) => action)).toEqual([
      'person.security_key_removed',
      'person.second_factor_off',
    ]);
    expect((await api.get('/me/second-factor', { token })).json()).toEqual({
      isOn: false,
      confirmedAt: null,
      securityKeys: [],
      recoveryCodesLeft: 0,
    });
    expect((await api.get('/me', { token })).json().session.hasSecondFactor).toBe(false);
    expect((await login()).statusCode).toBe(200);
  });

  test('404: a key that is none of mine', async () => {
    expect(says(await remove(crypto.randomUUID()))).toEqual([404, 'request.not_found']);
  });

  test('the app goes and the key stays, with its recovery codes', async () => {
    const { secret } = (await api.post('/me/second-factor', { token }, { password })).json();
    const code = () => generateSync({ secret, epoch: Math.floor(api.clock.now() / 1_000) });
    const { recoveryCodes } = (await api.post('/me/second-factor/confirm', { token }, { code: code() })).json();
    await enrol(softwareKey(), { code: recoveryCodes[0] });
    api.clock.move(30_000);
    const removed = await api.post('/me/second-factor/remove', { token }, { password, code: code() });
    expect([removed.statusCode, await isFactorOn(), (await audit()).at(-1)?.action]).toEqual([
      204,
      true,
      'person.app_removed',
    ]);
    expect((await login({ code: recoveryCodes[1] })).statusCode).toBe(200);
  });

  test('a link to a new password that removes the second factor removes the keys', async () => {
    await enrol();
    const changed = { email: 'mara@example.org', password: 'another long enough word' };
    const asking = { email: owner.email, removeSecondFactor: true };
    const { link } = (await api.post('/instance/password-links', { token }, asking)).json();
    const path = `/auth/password-links/${String(link).split('/reset-password/')[1]}`;
    expect((await api.post(path, {}, { password: changed.password })).statusCode).toBe(204);
    expect(await api.system.selectFrom('securityKeys').select('id').execute()).toEqual([]);
    const { accessToken } = (await login(changed)).json();
    const back = { currentPassword: changed.password, newPassword: password };
    expect((await api.post('/me/password', { token: accessToken }, back)).statusCode).toBe(204);
  });
});

describe('where keys work', () => {
  test('a workspace that asks for a second factor takes a key', async () => {
    const { key, recoveryCodes } = await enrol();
    // Who asks for it has shown one: by a key, as by a code.
    expect((await api.patch('/settings', { token }, { requireMfa: true })).statusCode).toBe(200);
    const signedIn = (await login({ key: key.get(await asked()) })).json();
    expect(signedIn.workspaces[0].needsSecondFactor).toBe(false);
    expect((await api.get('/members', { token: signedIn.accessToken })).statusCode).toBe(200);
    const { accessToken } = (await login({ code: recoveryCodes[0] })).json();
    expect((await api.patch('/settings', { token: accessToken }, { requireMfa: false })).statusCode).toBe(200);
  });

  test('409: on an address of this machine that is no name, it says which to open', async () => {
    const answer = await api.post('/me/security-keys/offer', { token }, { password }, { host: '127.0.0.1:3000' });
    expect([says(answer), answer.json().message]).toEqual([
      [409, 'identity.key_address'],
      'Security keys work at http://localhost:3000 only. Open Windlass there.',
    ]);
    await enrol();
    expect(offeredBy(await login({}, { host: '127.0.0.1:3000' }))).toEqual({
      hasApp: false,
      key: null,
      keyAddress: 'http://localhost:3000',
    });
  });

  test('the public address is the site; keys of another one are not asked', async () => {
    await api.close();
    await start({ WINDLASS_PUBLIC_URL: 'https://ops.example.org' });
    const away = await api.post(
      '/me/security-keys/offer',
      { token },
      { password },
      { origin: 'http://localhost:3000' },
    );
    expect(away.json().message).toBe('Security keys work at https://ops.example.org only. Open Windlass there.');
    const here = softwareKey({ origin: 'https://ops.example.org', site: 'ops.example.org' });
    const { id } = await enrol(here);
    expect((await login({ key: here.get(await asked()) })).statusCode).toBe(200);
    expect(says(await login({ key: here.get(await asked(), { origin: 'http://localhost:3000' }) }))).toEqual([
      403,
      'identity.key_wrong',
    ]);
    await api.system.updateTable('securityKeys').set({ site: 'old.example.org' }).where('id', '=', id).execute();
    expect(offeredBy(await login()).key).toBeNull();
  });
});
