import { SignJWT, UnsecuredJWT, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Secret } from '#system/secret.ts';
import { type SfmcWorld, sfmcWorld } from './fixtures/world.ts';
import { verifyLaunchToken } from './launch-token.ts';

let world: SfmcWorld;
beforeAll(async () => (world = await sfmcWorld()));
afterAll(() => world.stop());

const key = 'a-signing-secret-that-is-long-enough-for-hs256';
const options = { secret: new Secret(key), now: Date.now };
const classic = {
  request: {
    user: { id: 9, email: 'a@b.example' },
    organization: { id: 7, enterpriseId: 5 },
    rest: { refreshToken: 'r' },
  },
};
const signed = (claims: object, { secret = key, alg = 'HS256', expiresInS = 60, jti = 'j1' as string | null } = {}) => {
  const token = new SignJWT({ ...claims })
    .setProtectedHeader({ alg })
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInS);
  return (jti === null ? token : token.setJti(jti)).sign(new TextEncoder().encode(secret));
};

test('both forms of claims tell who opens the app', async () => {
  const { simulator } = world;
  const secret = new Secret(simulator.packages.web.jwtSecret ?? '');
  for (const shape of ['classic', 'flat']) {
    const { jwt } = (await (
      await fetch(`${simulator.origin}/admin/launch?as=json&shape=${shape}&mid=7000002`)
    ).json()) as { jwt: string };
    const identity = await verifyLaunchToken(jwt, { secret, now: Date.now });
    expect(identity, shape).toMatchObject({
      userId: '501',
      email: 'ada@northwind.example.test',
      mid: 7_000_002,
      enterpriseId: 7_000_000,
      stack: 'S0',
    });
    expect(identity.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(identity.expiresAtMs).toBeGreaterThan(Date.now());
    const authEndpoint = `${simulator.origin}/auth/v2/token`;
    const where = shape === 'flat' ? { tssd: simulator.tssd, authEndpoint: null } : { tssd: null, authEndpoint };
    expect(identity).toMatchObject(where);
  }
});

test('a refresh token among the claims is a secret from there on', async () => {
  const identity = await verifyLaunchToken(await signed(classic), options);
  expect(identity.refreshToken?.reveal()).toBe('r');
  expect(JSON.stringify(identity)).toContain('[secret]');
});

test('no other algorithm is taken, least of all none', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  const exp = Math.floor(Date.now() / 1_000) + 60;
  const forged = [
    new UnsecuredJWT({ ...classic, jti: 'j', exp }).encode(),
    await new SignJWT({ ...classic, jti: 'j', exp }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey),
    await signed(classic, { alg: 'HS512' }),
    await signed(classic, { secret: 'another-secret-that-is-long-enough-too' }),
    'a.b.c',
    '',
  ];
  for (const jwt of forged)
    await expect(verifyLaunchToken(jwt, options), jwt.slice(0, 40)).rejects.toMatchObject({
      facts: { kind: 'auth', code: 'launch_invalid' },
    });
});

test('an expired one is refused, with a minute for clocks that differ', async () => {
  await expect(verifyLaunchToken(await signed(classic, { expiresInS: -50 }), options)).resolves.toMatchObject({
    mid: 7,
  });
  await expect(verifyLaunchToken(await signed(classic, { expiresInS: -65 }), options)).rejects.toMatchObject({
    facts: { code: 'launch_expired' },
  });
});

test('without an id that can be used up, or without who signs in, it is refused', async () => {
  await expect(verifyLaunchToken(await signed(classic, { jti: null }), options)).rejects.toMatchObject({
    facts: { code: 'launch_invalid' },
  });
  await expect(verifyLaunchToken(await signed({ user_id: '1' }), options)).rejects.toMatchObject({
    facts: { code: 'launch_invalid' },
  });
});

test('issuer and audience count where they are configured', async () => {
  await expect(verifyLaunchToken(await signed(classic), { ...options, issuer: 'sfmc' })).rejects.toMatchObject({
    facts: { code: 'launch_invalid' },
  });
  await expect(
    verifyLaunchToken(await signed({ ...classic, iss: 'sfmc', aud: 'us' }), {
      ...options,
      issuer: 'sfmc',
      audience: 'us',
    }),
  ).resolves.toMatchObject({ userId: '9' });
});
