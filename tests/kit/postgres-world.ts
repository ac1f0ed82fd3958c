import pg from 'pg';
import type { QueryColumn, QueryText, RunRef } from '#contracts/queries/engine.ts';
import type { PostgresAccess, PostgresTarget } from '#connectors/postgres/access.ts';
import { type PostgresEngine, type PostgresEngineOptions, postgresEngine } from '#connectors/postgres/engine.ts';
import { LiveRows, type LiveRowsOptions } from '#connectors/postgres/live-rows.ts';
import { Secret } from '#system/secret.ts';
import { testDatabase } from './test-database.ts';

/** A user's own database with a connection to it, as the rooms above make one. */
export interface PostgresWorld {
  readonly access: PostgresAccess;
  readonly live: LiveRows;
  readonly engine: PostgresEngine;
  /** What runs were started with, by run. */
  readonly texts: Map<string, QueryText>;
  /** The database's owner, who makes tables. */
  readonly owner: pg.Client;
  readonly superuser: pg.Client;
  /** Another engine over the same database: other limits, another reader. */
  with(changed: {
    target?: Partial<PostgresTarget>;
    access?: Partial<PostgresAccess>;
    live?: LiveRows;
    options?: Partial<PostgresEngineOptions>;
  }): PostgresEngine;
  /** Stores a text under a new run's id. */
  run(sql: string, parameters?: QueryText['parameters']): RunRef;
  /** Sessions of ours that the server has now, except the world's own. */
  sessions(): Promise<{ name: string; state: string }[]>;
  close(): Promise<void>;
}

export async function postgresWorld(limits: LiveRowsOptions = {}): Promise<PostgresWorld> {
  const database = await testDatabase({ isEmpty: true });
  const url = new URL(database.ownerUrl);
  const target: PostgresTarget = {
    host: url.hostname,
    port: Number(url.port),
    database: database.name,
    user: decodeURIComponent(url.username),
    password: new Secret(decodeURIComponent(url.password)),
    tls: 'off',
  };
  const access: PostgresAccess = { target, guard: { allow: ['127.0.0.1', 'localhost'] } };
  const live = new LiveRows(limits);
  const texts = new Map<string, QueryText>();
  const textOf = async (runId: string): Promise<QueryText> => {
    const text = texts.get(runId);
    if (!text) throw new Error(`There is no run ${runId}.`);
    return text;
  };
  const base: PostgresEngineOptions = { access, connectionId: 'connection', live, textOf, reader: 'Ada' };
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await Promise.all([owner.connect(), superuser.connect()]);
  // The test ends some servers' sessions; these two are not meant.
  for (const client of [owner, superuser]) client.on('error', () => undefined);
  let runs = 0;
  return {
    access,
    live,
    texts,
    owner,
    superuser,
    engine: postgresEngine(base),
    with: (changed) =>
      postgresEngine({
        ...base,
        access: { ...access, ...changed.access, target: { ...target, ...changed.target } },
        live: changed.live ?? live,
        ...changed.options,
      }),
    run: (sql, parameters) => {
      const runId = `run-${database.name}-${++runs}`;
      texts.set(runId, parameters ? { sql, parameters } : { sql });
      return { engine: 'postgres', runId, begunAt: new Date().toISOString(), parts: {} };
    },
    sessions: async () => {
      const { rows } = await superuser.query<{ name: string; state: string }>(
        `select application_name as name, state from pg_stat_activity
          where datname = $1 and application_name like 'windlass%' order by 1`,
        [database.name],
      );
      return rows;
    },
    close: async () => {
      await live.end();
      await Promise.all([owner.end(), superuser.end()]);
      await database.close();
    },
  };
}

/** A page's request: `columns` are not needed by this engine. */
export const noColumns: readonly QueryColumn[] = [];
