import { type Kysely, sql } from 'kysely';

/** The two overrides of a swap belong together. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table oncall_overrides add column swap_id uuid`.execute(db);
}
