import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IdentityApi, addMember, identityApi, owner, setUpOwner } from '#tests/kit/identity-api.ts';
import { auditRoom } from '../audit/audit.ts';
import { identityRoom } from './identity.ts';
import { passwordLinkRoom } from './password-links.ts';

let api: IdentityApi;
let mara: Awaited<ReturnType<typeof setUpOwner>>;
beforeAll(async () => {
  api = await identityApi(
    { identity: identityRoom, passwordLinks: passwordLinkRoom, audit: auditRoom },
    { environment: { WINDLASS_PUBLIC_URL: 'https://ops.example.org' } },
  );
  mara = await setUpOwner(api);
});
afterAll(() => api?.close());
beforeEach(() => void api.letters.splice(0));

const by = () => ({ token: mara.token, workspace: mara.workspaceId });
const error = (answer: { statusCode: number; json: () => { error: string } }) => [
  answer.statusCode,
  answer.json().error,
];
const tokenOf = (text: string): string => /\/reset-password\/([\w-]+)/.exec(text)?.[1] ?? '';
const make = (email: string, more: object = {}) => api.post('/instance/password-links', by(), { email, ...more });
const use = (token: string, password: string) => api.post(`/auth/password-links/${token}`, {}, { password });
const signIn = (email: string, password: string) => api.post('/auth/login', {}, { email, password, client: 'api' });
let made = 0;
const person = async (): Promise<{ email: string; token: string; userId: string }> => {
  const email = `person-${++made}@example.org`;
  return { email, ...(await addMember(api, by(), { email, role: 'member' })) };
};
const forget = async (email: string): Promise<string> => {
  const before = api.letters.length;
  expect((await api.post('/auth/forgot-password', {}, { email })).json()).toEqual({ hasMail: true });
  await vi.waitFor(() => expect(api.letters.length).toBe(before + 1));
  return tokenOf(String(api.letters.at(-1)?.text));
};

describe('by an administrator', () => {
  test('a link sets a new password once, ends every session of the person, and is in the audit log', async () => {
    const ines = await person();
    const answer = await make(ines.email);
    expect(answer.statusCode).toBe(201);
    const { link, isMailed } = answer.json();
    expect(link).toMatch(/^https:\/\/ops\.example\.org\/reset-password\//);
    expect(isMailed).toBe(true);
    expect(api.letters.at(-1)).toMatchObject({ to: ines.email, text: expect.stringContaining(link) });
    expect((await api.get(`/auth/password-links/${tokenOf(link)}`)).json()).toMatchObject({
      email: ines.email,
      removesSecondFactor: false,
    });
    expect((await use(tokenOf(link), 'a very new password')).statusCode).toBe(204);
    expect(error(await api.get('/me', { token: ines.token }))).toEqual([401, 'identity.session_ended']);
    expect((await signIn(ines.email, 'a very new password')).statusCode).toBe(200);
    expect(error(await use(tokenOf(link), 'yet another password'))).toEqual([410, 'identity.password_link_gone']);
    const { data } = (await api.get(`/audit?subject=person:${ines.userId}`, by())).json();
    expect(data.map(({ action }: { action: string }) => action)).toEqual([
      'person.password_reset',
      'person.password_link_made',
    ]);
    expect(JSON.stringify(data)).not.toContain(tokenOf(link));
    expect((await signIn(ines.email, 'a long enough word')).statusCode).toBe(401);
  });

  test('it may take the second factor away, for somebody who lost theirs; otherwise that stays', async () => {
    const jun = await person();
    const withFactor = () =>
      api.system.updateTable('users').set({ hasSecondFactor: true }).where('id', '=', jun.userId).execute();
    await withFactor();
    expect((await use(tokenOf((await make(jun.email)).json().link), 'first new password')).statusCode).toBe(204);
    expect(error(await signIn(jun.email, 'first new password'))).toEqual([403, 'identity.code_needed']);
    const removing = (await make(jun.email, { removeSecondFactor: true })).json();
    expect(removing.removesSecondFactor).toBe(true);
    expect((await use(tokenOf(removing.link), 'second new password')).statusCode).toBe(204);
    expect((await signIn(jun.email, 'second new password')).statusCode).toBe(200);
  });

  test('403 and 404: only an instance administrator makes one, and only for somebody who is there', async () => {
    const { token, email } = await person();
    expect(error(await api.post('/instance/password-links', { token }, { email }))[0]).toBe(403);
    expect((await make('nobody@example.org')).statusCode).toBe(404);
  });

  test('410: it stops after a day, and when a newer one is made', async () => {
    const { email } = await person();
    const old = tokenOf((await make(email)).json().link);
    const fresh = tokenOf((await make(email)).json().link);
    expect(error(await api.get(`/auth/password-links/${old}`))).toEqual([410, 'identity.password_link_gone']);
    api.clock.move(86_400_001);
    expect(error(await use(fresh, 'a very new password'))).toEqual([410, 'identity.password_link_gone']);
    mara = { ...mara, token: (await signIn(owner.email, owner.password)).json().accessToken };
  });
});

describe('by mail', () => {
  test('the answer is the same for an account that is there and one that is not, and only the first gets a letter', async () => {
    const { email } = await person();
    const ask = async (address: string) => {
      const answer = await api.post('/auth/forgot-password', {}, { email: address });
      const { date: _date, 'x-request-id': _id, ...headers } = answer.headers;
      for (const name of Object.keys(headers)) if (name.startsWith('ratelimit')) delete headers[name];
      return [answer.statusCode, answer.json(), headers];
    };
    expect(await ask('nobody@example.org')).toEqual(await ask(email));
    await vi.waitFor(() => expect(api.letters.map(({ to }) => to)).toEqual([email]));
  });

  test('a link by mail works once within the hour, and a weak password does not use it up', async () => {
    const { email } = await person();
    const token = await forget(email);
    expect(error(await use(token, 'aaaaaaaa'))).toEqual([422, 'identity.password_weak']);
    expect((await use(token, 'a very new password')).statusCode).toBe(204);
    expect((await signIn(email, 'a very new password')).statusCode).toBe(200);
    const late = await forget(email);
    api.clock.move(3_600_001);
    expect(error(await use(late, 'another new password'))).toEqual([410, 'identity.password_link_gone']);
    mara = { ...mara, token: (await signIn(owner.email, owner.password)).json().accessToken };
  });

  test('a lock after failed sign-ins ends with the new password', async () => {
    const { email } = await person();
    for (let n = 0; n < 8; n++) await signIn(email, 'wrong');
    expect(error(await signIn(email, 'a long enough word'))).toEqual([429, 'identity.locked']);
    await use(await forget(email), 'a very new password');
    expect((await signIn(email, 'a very new password')).statusCode).toBe(200);
  });

  test('three letters an hour at most, and what an administrator handed over still works', async () => {
    const { email } = await person();
    const handed = tokenOf((await make(email)).json().link);
    api.letters.splice(0);
    for (let n = 0; n < 3; n++) await forget(email);
    await api.post('/auth/forgot-password', {}, { email });
    const other = await person();
    await forget(other.email); // asked later, and there: so the fourth one above was not sent
    expect(api.letters.filter(({ to }) => to === email)).toHaveLength(3);
    expect((await use(handed, 'a very new password')).statusCode).toBe(204);
  });
});
