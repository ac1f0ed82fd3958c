import type { AmcSimulator } from '#simulators/amc/amc-simulator.ts';
import type { SfmcSimulator } from '#simulators/sfmc/sfmc-simulator.ts';

/** A person of a running product, who may manage its connections. */
export interface Person {
  readonly origin: string;
  readonly token: string;
  readonly workspaceId: string;
}
export interface Services {
  readonly sfmc: SfmcSimulator;
  readonly amc: AmcSimulator;
  /** Of a user's own database, with user and password. */
  readonly postgresUrl: string;
}
/** Ids of the connections. */
export interface Connected {
  readonly sfmc: string;
  readonly amc: string;
  readonly postgres: string;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

/**
 * Connections to both simulators and to a database, set up by the API as people do it: Marketing Cloud by the package's own
 * credentials, Amazon by its sign-in page, a database by a test. Settles when queries can run on all three.
 */
export async function connectServices(
  { origin, token, workspaceId }: Person,
  { sfmc, amc, postgresUrl }: Services,
): Promise<Connected> {
  const headers = { authorization: `Bearer ${token}`, 'x-workspace': workspaceId };
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} → ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  await ask('PATCH', '/settings', { egressAllow: ['127.0.0.1', 'localhost'] });
  const make = async (kind: string, config: object): Promise<string> =>
    (await ask<{ id: string }>('POST', '/connections', { kind, name: `Own ${kind}`, config })).id;
  const { clientId, clientSecret } = sfmc.packages.server;
  const own = new URL(postgresUrl);
  const connections = {
    sfmc: await make('sfmc', { authUrl: sfmc.authUrl, clientId, clientSecret, grant: 'server' }),
    amc: await make('amc', {
      clientId: amc.clientId,
      clientSecret: amc.clientSecret,
      region: 'na',
      endpoints: amc.regions.na,
    }),
    postgres: await make('postgres', {
      host: own.hostname,
      port: Number(own.port),
      database: own.pathname.slice(1),
      user: decodeURIComponent(own.username),
      password: decodeURIComponent(own.password),
      tls: 'off',
    }),
  };
  const wasApproving = amc.world.knobs.autoApproves;
  amc.world.knobs.autoApproves = true;
  const { url } = await ask<{ url: string }>('GET', `/connections/${connections.amc}/authorize?returnTo=/`);
  const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
  const landed = await fetch(back, { redirect: 'manual', headers });
  amc.world.knobs.autoApproves = wasApproving;
  if (!landed.headers.get('location')?.includes('signIn=ok'))
    throw new Error(`The sign-in at the simulator led to ${landed.headers.get('location')}.`);
  const tested = await ask<{ isWorking: boolean; failure: unknown }>(
    'POST',
    `/connections/${connections.postgres}/test`,
  );
  if (!tested.isWorking) throw new Error(`The database does not let us in: ${JSON.stringify(tested.failure)}`);
  for (const [kind, id] of Object.entries(connections)) {
    for (;;) {
      const [{ state }, units] = await Promise.all([
        ask<{ state: string }>('GET', `/connections/${id}`),
        ask<{ data: { isUsable: boolean; isDefault: boolean }[] }>('GET', `/connections/${id}/units`),
      ]);
      const isUsable = units.data.some((unit) => unit.isUsable && unit.isDefault);
      if (state === 'connected' && (kind === 'postgres' || isUsable)) break;
      await pause();
    }
  }
  return connections;
}
