import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { sfmcWorld, type SfmcWorld } from '#connectors/sfmc/fixtures/world.ts';
import { sfmcEngine } from '#connectors/sfmc/engine.ts';
import type { EngineOf } from '#contracts/connections/engines.ts';
import type { QueryEngine } from '#contracts/queries/engine.ts';
import type { QueryRunDetail } from '#contracts/queries/query-runs.ts';
import { isEnded } from '#contracts/runs/status.ts';
import { keepSecrets, sealSecrets } from '#db/connections/connection-secrets.ts';
import type { Knobs } from '#simulators/sfmc/scenario.ts';
import { type AmcWorld, startAmcWorld } from './amc-world.ts';
import { type TestApp, type TestAppOptions, startTestApp } from './test-app.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { ownerPool, testDatabase } from './test-database.ts';

/** The product with its workers, and connections to simulators of both services and to a real database. */
export interface QueryWorld {
  readonly app: TestApp;
  readonly sfmc: SfmcWorld;
  readonly amc: AmcWorld;
  /** A user's own database. */
  readonly own: pg.Client;
  readonly connections: { readonly sfmc: string; readonly amc: string; readonly postgres: string };
  /** Rows of the product's own database, as its owner sees them. */
  sql(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Starts a query and says its id. */
  start(connection: 'sfmc' | 'amc' | 'postgres', sql: string, more?: object): Promise<string>;
  /** Waits until a run is as wanted, by default until it has ended. */
  until(runId: string, isWanted?: (run: QueryRunDetail) => boolean): Promise<QueryRunDetail>;
  /** Temporary objects at the simulators. */
  assets(): Promise<{ extensions: number; queries: number; workflows: number }>;
  close(): Promise<void>;
}

export const mid = '7000001';
/** A query of Marketing Cloud whose columns follow from its text. */
export const membersQuery = 'SELECT SubscriberKey, City, Points FROM Members WHERE Points < 1000';

export async function queryWorld({
  knobs = {},
  instead = (engine) => engine,
  ...options
}: TestAppOptions & {
  knobs?: Partial<Knobs>;
  /** What is put in an engine's place: one that fails at a word, say. */
  instead?: (engine: QueryEngine) => QueryEngine;
} = {}): Promise<QueryWorld> {
  const [sfmc, amc, database] = await Promise.all([sfmcWorld(knobs), startAmcWorld(), testDatabase({ isEmpty: true })]);
  const connections = { sfmc: uuidv7(), amc: uuidv7(), postgres: uuidv7() };
  const kept = new Map<string, QueryEngine>();
  const simulated = ({ connectionId, unit }: EngineOf): QueryEngine | undefined => {
    const key = `${connectionId}/${unit ?? ''}`;
    const known = kept.get(key);
    if (known) return known;
    // In real time, unlike the simulators' own tests: what is measured here is what users would see.
    const made =
      connectionId === connections.sfmc
        ? sfmc.engine({
            now: Date.now,
            sleep: undefined,
            tokens: sfmc.tokensOf(Number(unit)),
            mid: Number(unit),
          } as Partial<Parameters<typeof sfmcEngine>[0]>)
        : connectionId === connections.amc
          ? amc.engine
          : undefined;
    if (made) kept.set(key, made);
    return made;
  };
  const app = await startTestApp({
    withHosts: false,
    withQueries: true,
    ...options,
    engines: (own) => ({ open: async (of) => instead(simulated(of) ?? (await own.open(of))) }),
  });
  const pool = ownerPool(app.database, 2);
  const own = new pg.Client({ connectionString: database.ownerUrl });
  own.on('error', () => undefined);
  await own.connect();
  const url = new URL(database.ownerUrl);
  // By a port of its own: that of the product's own database is refused, whatever a workspace allows.
  const proxy = await startTcpProxy({ address: url.hostname, port: Number(url.port) });
  const configs = {
    sfmc: { kind: 'sfmc', clientId: 'c', authUrl: sfmc.simulator.authUrl, grant: 'server', folder: 'Windlass' },
    amc: { kind: 'amc', clientId: 'c', region: 'na' },
    postgres: {
      kind: 'postgres',
      host: proxy.address,
      port: proxy.port,
      database: database.name,
      user: decodeURIComponent(url.username),
      tls: 'off',
      statementTimeout: '10m',
    },
  };
  const { workspaceId } = app;
  await app.ok('PATCH', '/settings', { egressAllow: ['127.0.0.1', 'localhost'] });
  for (const kind of ['sfmc', 'amc', 'postgres'] as const)
    await pool.query(
      `insert into connections (workspace_id, id, name, name_key, kind, config, slots, state, created_by)
       values ($1, $2, $3, $3, $3, $4, 10, 'connected', $5)`,
      [workspaceId, connections[kind], kind, configs[kind], { kind: 'system', id: null, name: 'Test' }],
    );
  for (const [connection, unit, name, isDefault] of [
    [connections.sfmc, mid, 'Main', true],
    [connections.sfmc, '7000002', 'Outlet', false],
    [connections.amc, amc.instance.instanceId, 'Instance', true],
  ])
    await pool.query(
      `insert into connection_units (workspace_id, connection_id, unit, name, name_key, is_usable, is_default)
       values ($1, $2, $3, $4, $4, true, $5)`,
      [workspaceId, connection, unit, name, isDefault],
    );
  const password = decodeURIComponent(url.password);
  const sealed = await sealSecrets(app.parts.vault, workspaceId, connections.postgres, { password });
  await app.parts.inTenant(workspaceId, (tx) => keepSecrets(tx, connections.postgres, sealed));
  return {
    app,
    sfmc,
    amc,
    own,
    connections,
    sql: async (text, values = []) => (await pool.query(text, [...values])).rows,
    start: async (connection, sql, more = {}) =>
      (await app.ok('POST', '/query-runs', { connectionId: connections[connection], sql, ...more })).runId,
    until: async (runId, isWanted = ({ status }) => isEnded(status)) => {
      for (;;) {
        const run: QueryRunDetail = await app.ok('GET', `/query-runs/${runId}`);
        if (isWanted(run)) return run;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    assets: async () => {
      const answer = await fetch(`${amc.simulator.origin}/simulator/assets`);
      const { workflows } = (await answer.json()) as { workflows: unknown[] };
      return { ...sfmc.assets(), workflows: workflows.length };
    },
    close: async () => {
      await Promise.all([pool.end(), own.end()]);
      await app.close();
      await proxy.stop();
      await Promise.all([sfmc.stop(), amc.stop(), database.close()]);
    },
  };
}
