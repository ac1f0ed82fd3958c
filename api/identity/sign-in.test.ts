import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IdentityApi, cookieOf, identityApi, owner, setUpOwner } from '#tests/kit/identity-api.ts';
import { identityRoom } from './identity.ts';

let api: IdentityApi;
let before: unknown;
let first: Awaited<ReturnType<typeof setUpOwner>>;
beforeAll(async () => {
  api = await identityApi({ identity: identityRoom });
  before = (await api.get('/setup')).json();
  first = await setUpOwner(api);
});
afterAll(() => api?.close());

const login = (more: object = {}, headers: Record<string, string> = {}) =>
  api.post('/auth/login', {}, { email: owner.email, password: owner.password, ...more }, headers);
const asPage = { origin: 'http://localhost:3000' };

describe('set-up', () => {
  test('409: a second owner cannot be made', async () => {
    const again = await api.post('/setup', {}, { ...owner, email: 'eve@example.org' });
    expect([again.statusCode, again.json().error]).toEqual([409, 'identity.already_set_up']);
    expect(before).toEqual({ isNeeded: true, isTokenNeeded: false, isDemo: false });
    expect((await api.get('/setup')).json()).toEqual({ isNeeded: false, isTokenNeeded: false, isDemo: false });
  });

  test('the first owner is an instance administrator and owner of the workspace', async () => {
    const me = (await api.get('/me', { token: first.token })).json();
    expect(me).toMatchObject({
      user: { isInstanceAdmin: true, email: owner.email },
      current: { role: 'owner', slug: 'alder-finch' },
      session: { kind: 'api' },
    });
    expect(me.current.permissions).toContain('members:manage');
  });
});

describe('signing in', () => {
  test('a browser gets a sealed, HTTP-only cookie and never a token', async () => {
    const answer = await login({}, asPage);
    expect(answer.statusCode).toBe(200);
    expect(Object.keys(answer.json()).sort()).toEqual(['user', 'workspaces']);
    expect(answer.headers['set-cookie']).toMatch(/HttpOnly; SameSite=Lax/);
    expect((await api.get('/me', { cookie: cookieOf(answer) })).statusCode).toBe(200);
  });

  test('a machine gets tokens; the access token is RS256 of a published key', async () => {
    const answer = (await login({ client: 'api' })).json();
    expect(answer).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 });
    const [head] = answer.accessToken.split('.');
    const { alg, typ, kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    expect({ alg, typ }).toEqual({ alg: 'RS256', typ: 'at+jwt' });
    const { keys } = (await api.get('/.well-known/jwks.json')).json();
    expect(keys.map((key: { kid: string }) => key.kid)).toContain(kid);
    expect(keys[0].d).toBeUndefined();
  });

  test('401: a wrong password and an unknown account answer the same', async () => {
    const [wrong, unknown] = [
      await login({ password: 'not the password' }),
      await login({ email: 'nobody@example.org' }),
    ];
    const facts = (answer: typeof wrong) => [answer.statusCode, answer.json().error, answer.json().message];
    expect(facts(wrong)).toEqual(facts(unknown));
    expect(facts(wrong).slice(0, 2)).toEqual([401, 'identity.sign_in_refused']);
  });

  test('401: an altered token, one of no algorithm, and one past its time are refused', async () => {
    const { accessToken } = (await login({ client: 'api' })).json();
    const [head, body, signature] = accessToken.split('.');
    const unsigned = `${Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')}.${body}.`;
    const forged = `${head}.${Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'x' })).toString('base64url')}.${signature}`;
    for (const token of [unsigned, forged, 'wl_unknown'])
      expect((await api.get('/me', { token })).statusCode).toBe(401);
    expect((await api.get('/me', { token: accessToken })).statusCode).toBe(200);
    api.clock.move(16 * 60_000);
    expect((await api.get('/me', { token: accessToken })).json().error).toBe('identity.session_ended');
  });
});

describe('refresh', () => {
  const refresh = (refreshToken: string) => api.post('/auth/refresh', {}, { refreshToken });

  test('a used token gives the same successor for 30 s; later it ends the whole session', async () => {
    const { refreshToken: one } = (await login({ client: 'api' })).json();
    const two = (await refresh(one)).json().refreshToken;
    expect(two).not.toBe(one);
    api.clock.move(29_000);
    expect((await refresh(one)).json().refreshToken).toBe(two);
    const { refreshToken: three, accessToken } = (await refresh(two)).json();
    expect((await api.get('/me', { token: accessToken })).statusCode).toBe(200);
    api.clock.move(2_000);
    const reused = await refresh(one);
    expect([reused.statusCode, reused.json().error]).toEqual([401, 'identity.token_reused']);
    expect((await refresh(three)).json().error).toBe('identity.session_ended');
    expect((await api.get('/me', { token: accessToken })).statusCode).toBe(401);
  });

  test('two refreshes at once get one and the same successor', async () => {
    const { refreshToken } = (await login({ client: 'api' })).json();
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(refreshToken)));
    expect(new Set(answers.map((answer) => answer.json().refreshToken)).size).toBe(1);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
  });

  test('a session that nobody refreshes for 7 days is over', async () => {
    const { refreshToken } = (await login({ client: 'api' })).json();
    api.clock.move(7 * 86_400_000);
    expect((await refresh(refreshToken)).json().error).toBe('identity.session_ended');
  });

  test('a browser’s cookie is renewed on the way once its quarter of an hour is over, and a lost renewal does not sign out', async () => {
    const cookie = cookieOf(await login({}, asPage));
    expect((await api.get('/me', { cookie })).headers['set-cookie']).toBeUndefined();
    api.clock.move(16 * 60_000);
    const renewed = cookieOf(await api.get('/me', { cookie }));
    expect(renewed).toMatch(/^windlass_/);
    api.clock.move(60_000); // the answer never came: the page still has the old one
    expect((await api.get('/me', { cookie })).statusCode).toBe(200);
    // Once the successor is in use, an old copy is a thief's.
    api.clock.move(16 * 60_000);
    expect((await api.get('/me', { cookie: renewed })).statusCode).toBe(200);
    api.clock.move(60_000);
    expect((await api.get('/me', { cookie })).statusCode).toBe(401);
    expect((await api.get('/me', { cookie: renewed })).statusCode).toBe(401);
  });
});

describe('signing out and ending sessions', () => {
  test('after signing out the cookie and the token are refused at once', async () => {
    const cookie = cookieOf(await login({}, asPage));
    expect((await api.get('/me', { cookie })).statusCode).toBe(200);
    expect((await api.post('/auth/logout', { cookie })).statusCode).toBe(204);
    expect((await api.get('/me', { cookie })).statusCode).toBe(401);
    const { accessToken, refreshToken } = (await login({ client: 'api' })).json();
    expect((await api.get('/me', { token: accessToken })).statusCode).toBe(200);
    await api.post('/auth/logout', {}, { refreshToken });
    expect((await api.get('/me', { token: accessToken })).statusCode).toBe(401);
  });

  test('a person sees their sessions, ends one, and a changed password ends all others', async () => {
    const { accessToken: token } = (await login({ client: 'api' })).json();
    const { accessToken: other } = (await login({ client: 'api' })).json();
    const { accessToken: third } = (await login({ client: 'api' })).json();
    const sessionOf = async (by: string) => (await api.get('/me', { token: by })).json().session.id;
    const listed = (await api.get('/me/sessions', { token })).json().data;
    expect(listed.find((session: { isCurrent: boolean }) => session.isCurrent).id).toBe(await sessionOf(token));
    expect((await api.del(`/me/sessions/${await sessionOf(other)}`, { token })).statusCode).toBe(204);
    expect((await api.get('/me', { token: other })).statusCode).toBe(401);
    const refused = await api.post(
      '/me/password',
      { token },
      { currentPassword: 'wrong', newPassword: 'another long word' },
    );
    expect(refused.json().error).toBe('identity.password_wrong');
    const changed = await api.post(
      '/me/password',
      { token },
      { currentPassword: owner.password, newPassword: `${owner.password} 2` },
    );
    expect(changed.statusCode).toBe(204);
    expect((await api.get('/me', { token: third })).statusCode).toBe(401);
    expect((await api.get('/me', { token })).statusCode).toBe(200);
    await api.post('/me/password', { token }, { currentPassword: `${owner.password} 2`, newPassword: owner.password });
  });
});

describe('throttling', () => {
  test('429: five wrong passwords lock the account for a time that doubles, and tell how long', async () => {
    const wrong = () => login({ password: 'not the password' });
    for (let count = 0; count < 5; count++) expect((await wrong()).statusCode).toBe(401);
    const locked = await login();
    expect([locked.statusCode, locked.json().error, locked.headers['retry-after']]).toEqual([
      429,
      'identity.locked',
      '30',
    ]);
    api.clock.move(30_001);
    expect((await wrong()).statusCode).toBe(401);
    expect((await login()).headers['retry-after']).toBe('60');
    api.clock.move(60_001);
    expect((await login()).statusCode).toBe(200);
    expect((await wrong()).statusCode).toBe(401);
    expect((await login()).statusCode).toBe(200);
  });

  test('429: an account that does not exist is locked just the same', async () => {
    const attempt = () => login({ email: 'ghost@example.org' });
    for (let count = 0; count < 5; count++) expect((await attempt()).statusCode).toBe(401);
    expect((await attempt()).json().error).toBe('identity.locked');
  });

  test('many attempts at once are no more than five in a row', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => login({ email: 'storm@example.org' })));
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(7);
  });
});

describe('second factor', () => {
  test('it is asked for, a code works once, a recovery code works once, and it can be turned off', async () => {
    const { accessToken: token } = (await login({ client: 'api' })).json();
    const offer = await api.post('/me/second-factor', { token }, { password: owner.password });
    const { secret, otpauthUrl } = offer.json();
    expect(otpauthUrl).toMatch(/^otpauth:\/\/totp\/Windlass/);
    const code = () => generateSync({ secret, epoch: Math.floor(api.clock.now() / 1_000) });
    expect((await api.post('/me/second-factor/confirm', { token }, { code: '000000' })).json().error).toBe(
      'identity.code_wrong',
    );
    const { recoveryCodes } = (await api.post('/me/second-factor/confirm', { token }, { code: code() })).json();
    expect(recoveryCodes).toHaveLength(10);
    expect((await api.get('/me', { token })).json().session.hasSecondFactor).toBe(true);

    expect((await login()).json().error).toBe('identity.code_needed');
    expect((await login({ code: code() })).json().error).toBe('identity.code_wrong'); // it confirmed the set-up
    api.clock.move(30_000);
    const used = code();
    expect((await login({ code: used })).statusCode).toBe(200);
    expect((await login({ code: used })).json().error).toBe('identity.code_wrong');
    expect((await login({ code: recoveryCodes[0].toLowerCase() })).statusCode).toBe(200);
    expect((await login({ code: recoveryCodes[0] })).json().error).toBe('identity.code_wrong');
    expect((await api.get('/me/second-factor', { token })).json()).toMatchObject({ isOn: true, recoveryCodesLeft: 9 });

    const without = await api.post('/me/second-factor/remove', { token }, { password: owner.password });
    expect([without.statusCode, without.json().error]).toEqual([403, 'identity.code_needed']);
    api.clock.move(30_000);
    expect(
      (await api.post('/me/second-factor/remove', { token }, { password: owner.password, code: code() })).statusCode,
    ).toBe(204);
    expect((await login()).statusCode).toBe(200);
  });

  test('neither the secret nor the recovery codes are in the database in clear', async () => {
    const { accessToken: token } = (await login({ client: 'api' })).json();
    const { secret } = (await api.post('/me/second-factor', { token }, { password: owner.password })).json();
    const { recoveryCodes } = (
      await api.post(
        '/me/second-factor/confirm',
        { token },
        { code: generateSync({ secret, epoch: Math.floor(api.clock.now() / 1_000) }) },
      )
    ).json();
    const factors = await api.system.selectFrom('secondFactors').selectAll().execute();
    const codes = await api.system.selectFrom('recoveryCodes').selectAll().execute();
    const text = JSON.stringify([factors, codes]);
    expect(text).not.toContain(secret);
    for (const code of recoveryCodes) expect(text).not.toContain(code.replaceAll('-', ''));
    expect(factors).toHaveLength(1);
    expect(codes).toHaveLength(10);
  });
});
