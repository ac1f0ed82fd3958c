import type { FastifyInstance, InjectOptions } from 'fastify';
import { createAuthenticator } from '#api/kit/authenticate.ts';
import type { Limits } from '#api/kit/rate-limit.ts';
import type { Room } from '#api/kit/room.ts';
import type { ApiTools, Mailer } from '#api/kit/tools.ts';
import { jwksRoot } from '#api/identity/identity.ts';
import { buildServer } from '#api/server.ts';
import { type Db, openDatabase } from '#db/kit/database.ts';
import { inTenant } from '#db/kit/in-tenant.ts';
import { databaseKeyStore } from '#db/system/vault-keys.ts';
import { standingClock } from '#system/clock.ts';
import { loadConfig } from '#system/config.ts';
import { createLog } from '#system/log.ts';
import { createMetrics } from '#system/metrics.ts';
import { newMasterKey, parseMasterKeys } from '#system/vault/master-key.ts';
import { createVault } from '#system/vault/vault.ts';
import { testDatabase } from './test-database.ts';

const nothing = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`This test has no ${String(name)}.`);
    },
  },
);

/** Who calls, in the words of a test: a cookie, a bearer token, nobody. */
export interface Caller {
  cookie?: string;
  token?: string;
  workspace?: string;
}

/**
 * The API with the rooms given, on a database of its own, as the roles it really uses, without Temporal. The clock
 * stands still until it is moved.
 */
export async function identityApi(
  rooms: Record<string, Room>,
  {
    limits = { signInsPerMinute: 10_000, addressPerMinute: 100_000 },
    environment = {},
  }: { limits?: Partial<Limits>; environment?: Record<string, string> } = {},
) {
  const database = await testDatabase();
  const app: Db = openDatabase(database.appUrl, { max: 4 });
  const system: Db = openDatabase(database.systemUrl, { max: 4 });
  const clock = standingClock(Date.now());
  const config = loadConfig(environment);
  const log = createLog({ level: 'silent' });
  const vault = await createVault({
    masterKeys: parseMasterKeys(newMasterKey(), 'test'),
    keys: databaseKeyStore(system),
  });
  const auth = await createAuthenticator({ system, vault, config, clock, limits });
  const letters: Parameters<Mailer['send']>[0][] = [];
  const mail: Mailer = { isReady: true, send: async (letter) => void letters.push(letter) };
  const tools = {
    ...({ temporal: nothing, hub: nothing, logWakes: nothing } as unknown as ApiTools),
    config,
    log,
    db: app,
    system,
    vault,
    auth,
    mail,
    inTenant: (scope, work) => inTenant(app, scope, work),
  } as ApiTools;
  const server: FastifyInstance = await buildServer({
    tools,
    rooms,
    metrics: createMetrics({ withDefaults: false }),
    authenticate: auth.authenticate,
    limitRate: auth.limitRate,
    roots: [jwksRoot(auth)],
  });
  await server.ready();

  const origin = 'http://localhost:3000';
  const call = (
    method: InjectOptions['method'],
    path: string,
    by: Caller = {},
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    server.inject({
      method,
      url: path.startsWith('/.well-known') ? path : `/api/v1${path}`,
      headers: {
        host: 'localhost:3000',
        ...(by.cookie && { cookie: by.cookie, origin }),
        ...(by.token && { authorization: `Bearer ${by.token}` }),
        ...(by.workspace && { 'x-workspace': by.workspace }),
        ...headers,
      },
      ...(body !== undefined && { payload: body as object }),
    });

  return {
    database,
    app,
    system,
    clock,
    vault,
    auth,
    letters,
    server,
    origin,
    call,
    get: (path: string, by?: Caller, headers?: Record<string, string>) => call('GET', path, by, undefined, headers),
    post: (path: string, by?: Caller, body?: unknown, headers?: Record<string, string>) =>
      call('POST', path, by, body, headers),
    patch: (path: string, by?: Caller, body?: unknown, headers?: Record<string, string>) =>
      call('PATCH', path, by, body, headers),
    put: (path: string, by?: Caller, body?: unknown) => call('PUT', path, by, body),
    del: (path: string, by?: Caller) => call('DELETE', path, by),
    async close() {
      await server.close();
      await app.destroy();
      await system.destroy();
      await database.close();
    },
  };
}
export type IdentityApi = Awaited<ReturnType<typeof identityApi>>;

/** The cookie that an answer sets, as a browser would send it back. */
export const cookieOf = (answer: { headers: Record<string, unknown> }): string =>
  String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';

export const owner = {
  email: 'mara@example.org',
  password: 'correct horse battery',
  name: 'Mara',
  workspace: 'Alder & Finch',
};

/** Makes the first owner and signs them in as a machine. */
export async function setUpOwner({
  post,
}: IdentityApi): Promise<{ token: string; refreshToken: string; workspaceId: string; userId: string }> {
  const answer = await post('/setup', {}, { ...owner, client: 'api' });
  if (answer.statusCode !== 201) throw new Error(answer.body);
  const { accessToken, refreshToken, user, workspaces } = answer.json();
  return { token: accessToken, refreshToken, workspaceId: workspaces[0].id, userId: user.id };
}

/** Invites somebody and accepts for them; gives their token. */
export async function addMember(
  { post }: IdentityApi,
  by: Caller,
  { email, role }: { email: string; role: string },
): Promise<{ token: string; userId: string }> {
  const invited = await post('/invitations', by, { email, role });
  const secret = String(invited.json().link).split('/invite/')[1];
  const accepted = await post(
    `/invitations/by-token/${secret}/accept`,
    {},
    { name: email.split('@')[0], password: 'a long enough word', client: 'api' },
  );
  if (accepted.statusCode !== 200) throw new Error(accepted.body);
  return { token: accepted.json().accessToken, userId: accepted.json().user.id };
}
