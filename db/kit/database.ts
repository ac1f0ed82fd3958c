import { Kysely, type KyselyConfig, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './tables.ts';
import { CamelCaseRows } from './camel-case-rows.ts';
import { PipelinedClient } from './pipelined-client.ts';

// int8 counts stay below 2^53 in every column that we read as a number; larger ones (xid8) are read as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
// Instants leave the database as text in RFC 3339, so that nobody formats a Date twice.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => new Date(text));

export type Db = Kysely<Database>;
export type { Database };

export interface DatabaseOptions {
  /** Largest number of connections. */
  max?: number;
  applicationName?: string;
  /** Whether connections keep the plans of frequent statements. Not behind a pooler, which mixes the connections. */
  keepsPlans?: boolean;
  /** Is told of every statement: for the bench. */
  log?: KyselyConfig['log'];
}

/**
 * Opens a pool of one database role. Names are snake_case in SQL and camelCase in code, by one plugin; keys inside
 * JSON columns stay as they are.
 */
export function openDatabase(
  url: string,
  { max = 10, applicationName = 'windlass', keepsPlans = true, log }: DatabaseOptions = {},
): Db {
  const pool = new pg.Pool({
    Client: class extends PipelinedClient {
      constructor(config?: pg.ClientConfig) {
        super({ ...config, keepsPlans });
      }
    },
    connectionString: url,
    max,
    application_name: applicationName,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that the server ends, idle or at work (a transaction past its time), must not end the process: the
  // query in flight is rejected, and the pool opens a new one.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCaseRows()],
    ...(log && { log }),
  });
}

declare const tenant: unique symbol;
declare const system: unique symbol;
/** A transaction bound to one workspace. Only `inTenant` makes one. */
export type TenantTx = Transaction<Database> & { readonly [tenant]: true };
/** A transaction of the system role. Only `inSystem` makes one; only `db/system/` uses it. */
export type SystemTx = Transaction<Database> & { readonly [system]: true };
