import { Kysely, PostgresDialect, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import { migrations } from '../migrations/index.ts';

/** The data was written by a newer version than this one. */
export class NewerDataError extends Error {
  override name = 'NewerDataError';
  constructor(unknown: string[]) {
    super(
      `The database was migrated by a newer version (${unknown.join(', ')}). Start that version, or restore a backup made before it.`,
    );
  }
}

/** An owner's update under forced row-level security would change nothing and say nothing: off, it fails loudly. */
const guarded = (migration: Migration): Migration => ({
  up: async (db) => {
    await sql`set local row_security = off`.execute(db);
    await migration.up(db);
  },
});

/**
 * Brings the database to today's shape, forward only. Safe to call from several processes at once: Kysely's migrator
 * holds an advisory lock, the others wait and find nothing to do.
 * @returns the names of the migrations that were applied now
 */
export async function migrate(ownerUrl: string, only?: string): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1, connectionTimeoutMillis: 10_000 });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const known = Object.keys(migrations);
    const applied = await appliedMigrations(db);
    const unknown = applied.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new NewerDataError(unknown);
    const guardedMigrations = Object.fromEntries(
      Object.entries(migrations).map(([name, migration]) => [name, guarded(migration)]),
    );
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve(guardedMigrations) },
      // Numbers are given out ahead: one that lands after a later one is applied where that one was applied before.
      allowUnorderedMigrations: true,
    });
    const { error, results } = only === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(only);
    if (error) throw error instanceof Error ? error : new Error('A migration failed.', { cause: error });
    return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName);
  } finally {
    await db.destroy();
  }
}

async function appliedMigrations(db: Kysely<unknown>): Promise<string[]> {
  const exists = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (!exists.rows[0]?.there) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map(({ name }) => name);
}
