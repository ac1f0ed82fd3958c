// Connections end to end: API, lifecycle, the simulators' own sign-in pages.
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from '#contracts/connections/connections.ts';
import { openDatabase } from '#db/kit/database.ts';
import { type AmcSimulator, startAmcSimulator } from '#simulators/amc/amc-simulator.ts';
import { addFaults } from '#simulators/sfmc/faults.ts';
import { quick } from '#simulators/sfmc/fixtures/wire.ts';
import { type SfmcSimulator, startSfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';
import { startTestApp, type TestApp, until } from '#tests/kit/test-app.ts';

let app: TestApp;
let sfmc: SfmcSimulator;
let amc: AmcSimulator;
beforeAll(async () => {
  app = await startTestApp({ withHosts: false, withQueries: true });
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1'] });
  sfmc = await startSfmcSimulator({
    redirectUris: [`${app.origin}/api/v1/oauth/callback`],
    scenario: { knobs: { ...quick, refreshGraceMs: 30_000 } },
  });
  amc = await startAmcSimulator({ knobs: { autoApproves: true } });
});
afterAll(async () => {
  await app?.close();
  await sfmc?.stop();
  await amc?.stop();
});

const person = () => ({ token: app.owner.token, workspace: app.workspaceId });
const get = (id: string): Promise<Connection> => app.ok('GET', `/connections/${id}`);
const whenState = (id: string, state: Connection['state']) =>
  until(async () => {
    const connection = await get(id);
    return connection.state === state && connection;
  });
const makeSfmc = (name: string, more: object = {}): Promise<Connection> =>
  app.ok('POST', '/connections', {
    kind: 'sfmc',
    name,
    config: {
      clientId: sfmc.packages.web.clientId,
      clientSecret: sfmc.packages.web.clientSecret,
      launchSecret: sfmc.packages.web.jwtSecret ?? 'a secret that signs launches',
      authUrl: sfmc.authUrl,
      ...more,
    },
  });

/** What a browser does at the simulator's own pages: signs in, allows, and is sent back. @returns the address of the way back */
async function signInAtPage(url: string): Promise<string> {
  const [user] = sfmc.users;
  const form = async (fields: Record<string, string>) =>
    fetch(`${sfmc.origin}/auth/v2/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ ...Object.fromEntries(new URL(url).searchParams), ...fields }),
    });
  expect(await (await fetch(url)).text()).toContain('Sign in');
  const consent = await form({ step: 'sign_in', username: user?.username ?? '', password: user?.password ?? '' });
  const ticket = /name="ticket" value="([^"]+)"/.exec(await consent.text())?.[1] ?? '';
  return (await form({ step: 'allow', ticket })).headers.get('location') ?? '';
}
/** The way back, in the browser of whoever signs in; where it leads to. */
const comeBack = async (address: string, token = app.owner.token): Promise<URL> => {
  const answer = await fetch(address, { redirect: 'manual', headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  return new URL(answer.headers.get('location') ?? '', app.origin);
};
async function connectSfmc(name: string): Promise<Connection> {
  const { id } = await makeSfmc(name);
  const { url } = await app.ok('GET', `/connections/${id}/authorize?returnTo=/w/x/connections`, undefined, person());
  await comeBack(await signInAtPage(url));
  return whenState(id, 'connected');
}

test('Marketing Cloud is connected by its own sign-in page, and its units, tables and columns are there', async () => {
  // The enterprise's own unit sees all others; a user who is let into one alone sees that one.
  const made = await makeSfmc('Marketing', { accountId: sfmc.units[0]?.mid });
  expect(made).toMatchObject({ state: 'new', secretsHeld: ['clientSecret', 'launchSecret'], account: null });
  const { url } = await app.ok(
    'GET',
    `/connections/${made.id}/authorize?returnTo=/w/x/connections`,
    undefined,
    person(),
  );
  const asked = new URL(url).searchParams;
  expect(asked.get('redirect_uri')).toBe(`${app.origin}/api/v1/oauth/callback`);
  expect(asked.get('code_challenge_method')).toBe('S256');
  const back = await signInAtPage(url);
  const landed = await comeBack(back);
  expect(landed.pathname).toBe('/w/x/connections');
  expect(Object.fromEntries(landed.searchParams)).toEqual({ connection: made.id, signIn: 'ok' });

  const connected = await whenState(made.id, 'connected');
  expect(connected.account?.name).toBeTruthy();
  expect(Date.parse(connected.refreshAt ?? '')).toBeLessThan(Date.parse(connected.expiresAt ?? ''));
  const unitsWhere = (usable: number) =>
    until(async () => {
      const { data } = await app.ok('GET', `/connections/${made.id}/units`);
      const open = data.filter((unit: { isUsable: boolean }) => unit.isUsable);
      return data.length === 3 && open.length === usable && open;
    });
  // A token of a person is for one unit; another is signed in to on its own.
  expect(await unitsWhere(1)).toMatchObject([{ id: String(sfmc.units[0]?.mid), isDefault: true }]);
  const other = String(sfmc.units[2]?.mid);
  const further = await app.ok('GET', `/connections/${made.id}/authorize?unit=${other}`, undefined, person());
  expect((await comeBack(await signInAtPage(further.url))).searchParams.get('signIn')).toBe('ok');
  expect(await unitsWhere(2)).toContainEqual(expect.objectContaining({ id: other, isDefault: false }));
  await until(async () => {
    const { schema } = await app.ok('GET', `/connections/${made.id}/objects`);
    return schema.readAt !== null && schema.objects > 10;
  });
  const found = await app.ok('GET', `/connections/${made.id}/objects?q=sent`);
  expect(found.data.length).toBeGreaterThan(0);
  const [table] = found.data;
  const columns = await app.ok('GET', `/connections/${made.id}/columns?object=${encodeURIComponent(table.id)}`);
  expect(columns.data[0].columns.length).toBeGreaterThan(0);

  // The same way back leads nowhere a second time.
  expect((await comeBack(back)).searchParams.get('signIn')).toBe('failed');
});

test('a way back that another person follows signs nobody in', async () => {
  const { id } = await makeSfmc('Not yours');
  const { url } = await app.ok('GET', `/connections/${id}/authorize`, undefined, person());
  const other = await app.addMember('eve', 'admin');
  const landed = await comeBack(await signInAtPage(url), other.token);
  expect(landed.searchParams.get('signIn')).toBe('failed');
  expect(await get(id)).toMatchObject({ state: 'new', account: null });
});

test('what the service says instead of a code is told with the connection', async () => {
  const { id } = await makeSfmc('Denied');
  const { url } = await app.ok('GET', `/connections/${id}/authorize`, undefined, person());
  const state = new URL(url).searchParams.get('state') ?? '';
  const landed = await comeBack(
    `${app.origin}/api/v1/oauth/callback?state=${state}&error=access_denied&error_description=The%20user%20denied%20it.`,
  );
  expect(Object.fromEntries(landed.searchParams)).toEqual({
    connection: id,
    signIn: 'failed',
    reason: 'access_denied',
  });
  expect((await get(id)).failure).toMatchObject({ code: 'access_denied', message: 'The user denied it.' });
});

test('many who ask for a renewal at once share one, and the last ones are listed', async () => {
  const { id } = await connectSfmc('Shared');
  const calls = () => sfmc.world.refresh.size;
  const before = calls();
  const answers = await Promise.all(Array.from({ length: 8 }, () => app.call('POST', `/connections/${id}/refresh`)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(calls() - before).toBeLessThan(8);
  const { data } = await app.ok('GET', `/connections/${id}/refreshes`);
  expect(data[0]).toMatchObject({ outcome: 'renewed', cause: 'asked', failure: null });
});

test('a renewal whose answer is lost is made good with the same token', async () => {
  const { id } = await connectSfmc(`Lost ${Date.now()}`);
  addFaults(sfmc.world, [{ kind: 'reset_after', at: '/v2/token', times: 1, after: 0 }]);
  const after = await app.ok('POST', `/connections/${id}/refresh`);
  expect(after).toMatchObject({ state: 'unavailable', failure: { kind: 'network' } });
  // The lifecycle tries again by itself, and the service repeats its answer.
  const mended = await whenState(id, 'connected');
  expect(mended.failure).toBeNull();
  const { data } = await app.ok('GET', `/connections/${id}/refreshes`);
  expect(data.map(({ outcome }: { outcome: string }) => outcome)).toEqual(
    expect.arrayContaining(['renewed', 'failed']),
  );
});

test('a refusal asks for a person, once', async () => {
  const name = `Revoked ${Date.now()}`;
  const { id } = await connectSfmc(name);
  addFaults(sfmc.world, [{ kind: 'token_refused', at: 'Token refresh_token', times: 5, after: 0 }]);
  expect(await app.ok('POST', `/connections/${id}/refresh`)).toMatchObject({
    state: 'needs_reauth',
    failure: { kind: 'auth', code: 'invalid_grant' },
  });
  await app.call('POST', `/connections/${id}/refresh`);
  sfmc.world.faults = [];
  const notices = await app.ok('GET', '/me/notices', undefined, person());
  expect(notices.data.filter(({ kind }: { kind: string }) => kind === 'connection.signed_out')).toMatchObject([
    { title: name, isNew: true },
  ]);
  const { url } = await app.ok('GET', `/connections/${id}/authorize`, undefined, person());
  await comeBack(await signInAtPage(url));
  expect(await whenState(id, 'connected')).toMatchObject({ failure: null });
});

test('Amazon Marketing Cloud is connected by Login with Amazon, and its instances are the units', async () => {
  const { id } = await app.ok('POST', '/connections', {
    kind: 'amc',
    name: 'Amazon',
    config: {
      clientId: amc.clientId,
      clientSecret: amc.clientSecret,
      region: 'na',
      endpoints: amc.regions.na,
    },
  });
  const { url } = await app.ok('GET', `/connections/${id}/authorize?returnTo=/`, undefined, person());
  const consent = await fetch(url, { redirect: 'manual' });
  expect((await comeBack(consent.headers.get('location') ?? '')).searchParams.get('signIn')).toBe('ok');
  const connected = await whenState(id, 'connected');
  // On a tick of ten minutes, though the token lives an hour.
  expect(Date.parse(connected.refreshAt ?? '') - Date.now()).toBeLessThanOrEqual(10 * 60_000);
  const units = await until(async () => {
    const { data } = await app.ok('GET', `/connections/${id}/units`);
    return data.length > 0 && data;
  });
  expect(units.filter((unit: { isDefault: boolean }) => unit.isDefault)).toMatchObject([{ isUsable: true }]);
  expect(await app.ok('POST', `/connections/${id}/test`)).toMatchObject({ isWorking: true, failure: null });
});

test('a token of App Switcher leads to its business unit, once', async () => {
  const { id } = await makeSfmc('Switcher');
  const { jwt } = (await (await fetch(`${sfmc.origin}/admin/launch?as=json`)).json()) as { jwt: string };
  const post = () =>
    fetch(`${app.origin}/api/v1/connections/${id}/launch`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: 'https://mc.exacttarget.com' },
      body: new URLSearchParams({ jwt }),
    });
  const launched = await post();
  expect(launched.status).toBe(303);
  const landing = new URL(launched.headers.get('location') ?? '', app.origin).href;
  expect(landing).not.toContain(jwt.split('.')[1]);
  // Nobody is signed in here: the ticket stays good until somebody is.
  const stranger = await fetch(landing, { redirect: 'manual' });
  expect(stranger.status).toBe(401);
  const landed = await comeBack(landing);
  expect(landed.searchParams.get('unit')).toBe(String(sfmc.units[1]?.mid));
  expect((await comeBack(landing)).searchParams.get('signIn')).toBe('failed');
  expect((await post()).status).toBe(400);
});

test('a disconnect gives access back and leaves nothing, also of its tokens in the house', async () => {
  const { id, runId } = await connectSfmc('Goodbye');
  await app.ok('DELETE', `/connections/${id}`);
  await until(async () => (await app.call('GET', `/connections/${id}`)).status === 404);
  await until(async () => (await app.ok('GET', `/runs/${runId}`)).status === 'succeeded');
  expect((await app.ok('GET', `/runs/${runId}`)).outputs).toMatchObject({
    accessGivenBack: true,
    temporaryObjectsLeft: 0,
  });
  const owner = openDatabase(app.database.ownerUrl, { max: 1 });
  try {
    const tables = [
      'connection_secrets',
      'connection_tokens',
      'connection_units',
      'schema_objects',
      'connection_refreshes',
    ];
    for (const table of tables) {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)} where connection_id = ${id}`.execute(owner); // prettier-ignore
      expect(rows[0]?.n, table).toBe(0);
    }
    // Of all connections so far: no token of the service, and no secret, stands in clear anywhere in the database.
    const words = [
      ...[...sfmc.world.access.keys()].slice(0, 40),
      ...[...sfmc.world.refresh.keys()].slice(0, 40),
      sfmc.packages.web.clientSecret ?? '',
      amc.clientSecret,
      amc.refreshToken,
    ].filter((word) => word.length > 8);
    expect(words.length).toBeGreaterThan(10);
    const { rows: named } = await sql<{ name: string }>`
      select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`.execute(
      owner,
    );
    for (const { name } of named) {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from ${sql.table(name)} t where t::text like any(${words.map((word) => `%${word}%`)})`.execute(
        owner,
      );
      expect(rows[0]?.n, name).toBe(0);
    }
  } finally {
    await owner.destroy();
  }
});
