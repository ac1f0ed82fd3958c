import pg from 'pg';
import { askBroker } from './ask-broker.ts';
import type { DatabaseUrls } from './kit.ts';

export interface TestDatabase extends DatabaseUrls {
  /** Drops it, whoever is still connected. The run's end does that too. */
  close(): Promise<void>;
}

/** A fresh, migrated database of a test file's own, on the run's PostgreSQL. `isEmpty` leaves the migrations out. */
export async function testDatabase({ isEmpty = false }: { isEmpty?: boolean } = {}): Promise<TestDatabase> {
  const urls = (await askBroker({ want: 'database', isEmpty })) as DatabaseUrls;
  return { ...urls, close: async () => void (await askBroker({ want: 'drop', name: urls.name })) };
}

/** SQL as the owner of a database, for what a test must see or bend. */
export function ownerPool({ ownerUrl }: Pick<DatabaseUrls, 'ownerUrl'>, max = 1): pg.Pool {
  const pool = new pg.Pool({ connectionString: ownerUrl, max });
  // The database goes by force: a connection that is just saying goodbye may still hear of it, and nobody else does then.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
