import { type Kysely, sql } from 'kysely';

/** What a service says of the state of an object (new, renamed, deprecated) changes too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table schema_changes add column tags jsonb`.execute(db);
}
