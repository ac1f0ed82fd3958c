import {
  AbortedTransactionError,
  CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  DummyDriver,
  type Kysely,
  PostgresDialect,
  Transaction,
} from 'kysely';
import pg from 'pg';
import type { Database } from './tables.ts';

/** The connection of one open transaction: statements go out at once, in the order in which they are asked. */
class OpenTransaction implements ConnectionProvider {
  readonly #connection: DatabaseConnection;
  #isOver = false;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  async provideConnection<T>(use: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    // The connection may be somebody else's by now.
    if (this.#isOver) throw new Error('The transaction is over: a statement was not awaited in it.');
    return use(this.#connection);
  }

  /** Ends it by this word; nothing more is sent. */
  end(word: 'commit' | 'rollback') {
    this.#isOver = true;
    return this.#connection.executeQuery<{ command?: string }>(CompiledQuery.raw(word));
  }
}

/** A transaction is never asked for these: it can neither begin another one nor be closed. */
const unused = { dialect: new PostgresDialect({ pool: async () => new pg.Pool() }), driver: new DummyDriver() };

export interface Transacting {
  /** The word or words that begin it. They travel with the first statement. */
  beginning: string;
  /** What is written when the work is done; it travels with the commit. */
  last?: (tx: Transaction<Database>) => Promise<void>;
  /** Nothing can be written in it, so nobody waits for its commit. */
  isReading?: boolean;
}

/**
 * Runs work in a transaction of one connection: three messages to the database where the work asks once. Each wait that
 * is saved is a wait of the caller's.
 */
export const transact = <T>(
  db: Kysely<Database>,
  { beginning, last = nothing, isReading = false }: Transacting,
  work: (tx: Transaction<Database>) => Promise<T>,
): Promise<T> =>
  db.getExecutor().provideConnection(async (connection) => {
    const open = new OpenTransaction(connection);
    const executor = db.getExecutor().withConnectionProvider(open);
    const tx = new Transaction<Database>({ config: unused, ...unused, executor });
    // Where it fails the connection is broken or the transaction aborted, and every statement behind it fails too.
    const begun = connection.executeQuery(CompiledQuery.raw(beginning));
    begun.catch(() => {});
    let result: T;
    try {
      result = await work(tx);
    } catch (error) {
      await open.end('rollback').catch(() => {}); // fails where the connection is broken, which the pool sees by itself
      throw error;
    }
    const written = last(tx);
    const ended = open.end('commit');
    if (isReading) {
      ended.catch(() => {});
      return result;
    }
    const [first, second, end] = await Promise.allSettled([begun, written, ended]);
    for (const each of [first, second, end]) if (each.status === 'rejected') throw each.reason;
    // A statement had failed and the work went on: PostgreSQL answers the commit by undoing all.
    if (end.status === 'fulfilled' && end.value.rows[0]?.command === 'ROLLBACK') throw new AbortedTransactionError();
    return result;
  });

const nothing = (): Promise<void> => Promise.resolve();
