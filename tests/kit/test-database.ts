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
